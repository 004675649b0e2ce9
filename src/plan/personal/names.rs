//! Judges the names of columns, in English, Japanese and romanized Japanese.

use super::PersonalKind;

use PersonalKind::{
    Account, Address, Birth, Email, Ip, Location, Name, NationalId, OnlineId, Phone, Secret,
};

/// Words of Japanese script anywhere in a name. The first one counts.
const JAPANESE: [(PersonalKind, &[&str]); 10] = [
    (Secret, &["パスワード", "暗証"]),
    (Email, &["メール", "eメール"]),
    (Ip, &["ipアドレス"]),
    (OnlineId, &["クッキー", "端末id", "デバイスid", "広告id"]),
    (Phone, &["電話", "携帯", "ファックス", "ファクス"]),
    (Account, &["口座", "カード番号", "クレジットカード"]),
    (
        NationalId,
        &[
            "マイナンバー",
            "個人番号",
            "免許",
            "旅券",
            "パスポート",
            "保険証",
        ],
    ),
    (Birth, &["生年月日", "誕生", "生年"]),
    (Address, &["住所", "郵便番号", "番地", "所在地", "アドレス"]),
    (
        Name,
        &[
            "氏名",
            "名前",
            "姓名",
            "苗字",
            "名字",
            "お名前",
            "フリガナ",
            "ふりがな",
            "カナ名",
            "会員名",
            "顧客名",
            "担当者名",
            "届け先名",
            "ニックネーム",
            "姓",
        ],
    ),
];

/// One or several words of a name without what separates them: `first_name`, `firstName` and `firstname` are the same. The
/// first list with a hit counts.
const WORDS: [(PersonalKind, &[&str]); 11] = [
    (
        Secret,
        &[
            "password",
            "passwd",
            "passphrase",
            "pwd",
            "pincode",
            "secret",
            "accesstoken",
            "authtoken",
            "refreshtoken",
            "apikey",
        ],
    ),
    (
        Email,
        &[
            "email",
            "mail",
            "mailaddress",
            "mailaddr",
            "emailaddress",
            "gmail",
            "meru",
            "meeru",
            "meado",
        ],
    ),
    (
        Ip,
        &[
            "ip",
            "ipv",
            "ipaddr",
            "ipaddress",
            "remoteaddr",
            "clientip",
            "userip",
            "remoteip",
            "xforwardedfor",
        ],
    ),
    (
        OnlineId,
        &[
            "cookie",
            "cookies",
            "cookieid",
            "tdclientid",
            "tdglobalid",
            "deviceid",
            "clientid",
            "visitorid",
            "browserid",
            "idfa",
            "idfv",
            "gaid",
            "aaid",
            "adid",
            "advertisingid",
            "fingerprint",
            "macaddress",
            "macaddr",
            "imei",
            "imsi",
            "useragent",
            "lineuid",
            "lineid",
            "facebookid",
            "twitterid",
            "instagramid",
        ],
    ),
    (
        Phone,
        &[
            "phone",
            "phones",
            "phoneno",
            "phonenumber",
            "telephone",
            "telno",
            "telnumber",
            "tel",
            "cellphone",
            "mobilephone",
            "mobileno",
            "mobilenumber",
            "mobiletel",
            "fax",
            "faxno",
            "faxnumber",
            "msisdn",
            "denwa",
            "denwabango",
            "denwabangou",
            "keitai",
            "keitaibango",
        ],
    ),
    (
        Account,
        &[
            "creditcard",
            "cardno",
            "cardnumber",
            "cardnum",
            "iban",
            "bankaccount",
            "accountnumber",
            "accountno",
            "koza",
            "kouza",
            "kozabango",
            "kouzabangou",
        ],
    ),
    (
        NationalId,
        &[
            "ssn",
            "socialsecurity",
            "passport",
            "passportno",
            "mynumber",
            "nationalid",
            "taxid",
            "driverslicense",
            "driverlicense",
            "driverslicence",
            "driverlicence",
            "licenseno",
            "menkyo",
            "menkyosho",
            "hokensho",
        ],
    ),
    (
        Birth,
        &[
            "birth",
            "birthday",
            "birthdate",
            "dateofbirth",
            "dob",
            "bday",
            "birthyear",
            "seinengappi",
            "tanjobi",
            "tanjoubi",
            "tanzyoubi",
        ],
    ),
    (
        Address,
        &[
            "address",
            "addresses",
            "addr",
            "street",
            "streetaddress",
            "zip",
            "zipcode",
            "postal",
            "postalcode",
            "postcode",
            "jusho",
            "juusho",
            "jyusho",
            "jyuusyo",
            "jyusyo",
            "zyusyo",
            "banchi",
            "yubin",
            "yuubin",
            "yubinbango",
            "yuubinbangou",
        ],
    ),
    (
        Location,
        &[
            "lat",
            "latitude",
            "lon",
            "lng",
            "longitude",
            "latlng",
            "latlon",
            "gps",
            "geolocation",
            "ido",
            "keido",
        ],
    ),
    (
        Name,
        &[
            "firstname",
            "lastname",
            "fullname",
            "familyname",
            "givenname",
            "middlename",
            "maidenname",
            "surname",
            "forename",
            "nickname",
            "realname",
            "displayname",
            "screenname",
            "username",
            "customername",
            "membername",
            "personname",
            "contactname",
            "clientname",
            "guestname",
            "patientname",
            "employeename",
            "buyername",
            "sendername",
            "recipientname",
            "receivername",
            "holdername",
            "cardholder",
            "ownername",
            "authorname",
            "namekana",
            "kananame",
            "namekanji",
            "kanjiname",
            "firstnamekana",
            "lastnamekana",
            "fname",
            "lname",
            "shimei",
            "simei",
            "namae",
            "onamae",
            "sei",
            "mei",
            "seimei",
            "myoji",
            "myouji",
            "furigana",
            "hurigana",
            "kana",
        ],
    ),
];

/// Distinctive words that are found inside of longer ones, such as `useremail`.
const STEMS: [(PersonalKind, &[&str]); 5] = [
    (Secret, &["password"]),
    (Email, &["email", "mailaddr"]),
    (Phone, &["phonenumber", "telephone", "denwabango"]),
    (Birth, &["birthday", "birthdate", "seinengappi"]),
    (Address, &["zipcode", "postalcode", "postcode"]),
];

/// Words by which a name is about something else than the value: `email_count`, `is_phone_verified`.
const ABOUT: [&str; 26] = [
    "count",
    "cnt",
    "flag",
    "flg",
    "is",
    "has",
    "type",
    "status",
    "template",
    "subject",
    "campaign",
    "enabled",
    "allowed",
    "verified",
    "valid",
    "optin",
    "optout",
    "opt",
    "permission",
    "kbn",
    "kubun",
    "length",
    "rate",
    "open",
    "click",
    "delivery",
];

/// Maximum number of words that are looked at together.
const MAX_WORDS: usize = 4;

/// Maximum length of a name that is looked at, in bytes.
const MAX_BYTES: usize = 256;

/// What a column of this name seems to be about.
pub(super) fn kind_of(name: &str) -> Option<PersonalKind> {
    if name.len() > MAX_BYTES {
        return None;
    }
    let words = words_of(name);
    if words.iter().any(|word| ABOUT.contains(&word.as_str())) {
        return None;
    }
    japanese(name).or_else(|| english(&words))
}

fn japanese(name: &str) -> Option<PersonalKind> {
    if name.is_ascii() {
        return None;
    }
    let name = name.to_lowercase();
    let hit = |words: &&[&str]| words.iter().any(|word| name.contains(word));
    let found = JAPANESE.iter().find(|(_, words)| hit(words));
    found.map(|(kind, _)| *kind)
}

fn english(words: &[String]) -> Option<PersonalKind> {
    // Alone, a name is a name; of a product or a file it is not one of a person.
    if matches!(words, [word] if word == "name") {
        return Some(Name);
    }
    let longest = MAX_WORDS.min(words.len());
    let joined: Vec<_> = (1..=longest)
        .flat_map(|count| words.windows(count).map(<[String]>::concat))
        .collect();
    let is_word = |list: &&[&str]| joined.iter().any(|text| list.contains(&text.as_str()));
    let has_stem = |list: &&[&str]| {
        let mut stems = list.iter();
        stems.any(|stem| words.iter().any(|word| word.contains(stem)))
    };
    let by_word = WORDS.iter().find(|(_, list)| is_word(list));
    let by_stem = || STEMS.iter().find(|(_, list)| has_stem(list));
    by_word
        .map(|(kind, _)| *kind)
        .or_else(|| by_stem().map(|(kind, _)| *kind))
}

/// The words of a name in lower case: what is between underscores, digits, and changes from lower to upper case.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for char in name.chars() {
        let starts = !char.is_alphabetic() || (was_lower && char.is_uppercase());
        if starts {
            words.push(String::new());
        }
        if let (true, Some(word)) = (char.is_alphabetic(), words.last_mut()) {
            word.extend(char.to_lowercase());
        }
        was_lower = char.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_names_are_found_in_english_and_japanese() {
        for (kind, names) in [
            (Secret, "password user_password_hash api_key パスワード"),
            (
                Email,
                "email e_mail E-Mail mail mail2 userEmail useremail mail_address pc_mail メールアドレス",
            ),
            (Ip, "ip td_ip ip_address client_ip ipv4 IPアドレス"),
            (
                OnlineId,
                "cookie td_client_id td_global_id device_id idfa mac_address クッキー",
            ),
            (
                Phone,
                "phone phone_number home_phone tel tel1 fax telNo denwa_bango keitai 電話番号 携帯電話",
            ),
            (Account, "card_number credit_card kouza_bangou 口座番号"),
            (
                NationalId,
                "ssn passport_no my_number マイナンバー 運転免許証番号",
            ),
            (
                Birth,
                "birth birthday birth_date date_of_birth dob seinengappi 生年月日 誕生日",
            ),
            (
                Address,
                "address address1 shipping_addr zip zip_code postal_code jusho yubin_bango 住所 郵便番号",
            ),
            (Location, "lat longitude gps"),
            (
                Name,
                "name first_name lastName fullname user_name shimei sei_kana furigana 氏名 フリガナ 会員名 姓",
            ),
        ] {
            for name in names.split(' ') {
                assert_eq!(kind_of(name), Some(kind), "{name}");
            }
        }
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "id",
            "user_id",
            "customer_id",
            "product_name",
            "file_name",
            "table_name",
            "price",
            "zipped",
            "shipped",
            "status",
            "email_count",
            "is_mail_sent",
            "mail_flg",
            "phone_verified",
            "city",
            "tip",
            "hotel",
            "latest",
            "seikyu",
            "meigara",
            "mobile",
            "商品名",
            "金額",
            "",
        ] {
            assert_eq!(kind_of(name), None, "{name}");
        }
    }
}
