//! Generated job results, which are the same on each run.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

const WORDS: [&str; 8] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta",
];

/// A job result.
pub struct JobResult {
    /// Its `hive_result_schema`.
    pub schema: &'static str,
    /// Its rows as `msgpack.gz`.
    pub gzipped: Vec<u8>,
}

/// Generates a job result with this number of rows.
pub type Recipe = fn(u64) -> std::io::Result<JobResult>;

/// Kinds of data with different costs.
pub const RECIPES: [(&str, Recipe); 4] = [
    ("clicks", clicks),
    ("events", events),
    ("logs", logs),
    ("nested", nested),
];

/// The click events of a shop: short rows with sequential ids, times, and URLs of one host.
fn clicks(row_count: u64) -> std::io::Result<JobResult> {
    let schema = r#"[["id","bigint"],["user_id","bigint"],["session","varchar"],["url","varchar"],["event","varchar"],["device","varchar"],["country","varchar"],["price","double"],["score","double"],["duration","bigint"],["time","bigint"]]"#;
    job_result(schema, row_count, |row, random, out| {
        out.array(11);
        out.int(9_000_000_000_000_000 + row);
        out.int(random.below(2_000_000));
        out.text(&format!("{:016x}", random.next()));
        out.text(&format!(
            "https://shop.example/c/{}/p/{}",
            random.below(400),
            random.below(90_000)
        ));
        out.text(random.choose(&["view", "click", "cart", "purchase"]));
        out.text(random.choose(&["desktop", "phone", "tablet"]));
        out.text(random.choose(&["JP", "US", "DE", "FR", "KR", "BR"]));
        if random.below(10) < 3 {
            out.nil();
        } else {
            out.price(random.below(100_000));
        }
        out.float(random.next());
        out.int(random.below(60_000));
        out.int(1_700_000_000 + row / 50);
    })
}

/// Eleven columns, most of which compress poorly.
fn events(row_count: u64) -> std::io::Result<JobResult> {
    let schema = r#"[["id","bigint"],["uuid","varchar"],["url","varchar"],["score","double"],["qty","bigint"],["country","varchar"],["device","varchar"],["event","varchar"],["campaign","varchar"],["tags","array(varchar)"],["time","bigint"]]"#;
    job_result(schema, row_count, |row, random, out| {
        out.array(11);
        out.int(random.next() >> 1);
        let (high, low) = (random.next(), random.next());
        out.text(&format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        ));
        out.text(&format!(
            "https://www.example.com/{}/catalog/{}/item-{}?campaign_ref={}&session={:08x}",
            random.choose(&WORDS),
            random.choose(&WORDS),
            random.below(1_000_000_007),
            random.below(1009),
            random.next() >> 32
        ));
        out.float(random.next());
        out.int(random.below(100_000));
        out.text(random.choose(&["JP", "US", "DE", "FR", "KR", "BR"]));
        out.text(random.choose(&["desktop", "phone", "tablet"]));
        out.text(random.choose(&["view", "click", "cart", "purchase"]));
        if row.is_multiple_of(3) {
            out.text(&format!("campaign-{}", random.below(40)));
        } else {
            out.nil();
        }
        out.texts(row % 4, random, &["red", "green", "blue", "large", "small"]);
        out.int(1_700_000_000 + row / 20);
    })
}

/// Few distinct values: most columns use a dictionary.
fn logs(row_count: u64) -> std::io::Result<JobResult> {
    let schema = r#"[["level","varchar"],["host","varchar"],["status","bigint"],["message","varchar"],["time","bigint"]]"#;
    job_result(schema, row_count, |row, random, out| {
        out.array(5);
        out.text(random.choose(&["INFO", "INFO", "INFO", "WARN", "ERROR"]));
        out.text(&format!("web-{}", row % 12));
        out.int(200 + 100 * (row % 4));
        out.text(&format!("request for {} served", random.choose(&WORDS)));
        out.int(1_700_000_000 + row / 20);
    })
}

/// Nested values.
fn nested(row_count: u64) -> std::io::Result<JobResult> {
    let schema = r#"[["tags","array(varchar)"],["counts","map(varchar,bigint)"],["place","row(city varchar, at double)"],["json","json"],["time","bigint"]]"#;
    job_result(schema, row_count, |row, random, out| {
        out.array(5);
        out.texts(row % 6, random, &WORDS);
        out.map(row % 4);
        for word in WORDS.iter().take(usize::try_from(row % 4).unwrap_or(0)) {
            out.text(word);
            out.int(random.below(1000));
        }
        out.array(2);
        out.text(random.choose(&["Tokyo", "Berlin", "Paris"]));
        out.float(random.next());
        out.text(&format!(
            r#"{{"a":{},"b":[1,2,{}]}}"#,
            random.below(10),
            random.below(10_000)
        ));
        out.int(1_700_000_000 + row / 20);
    })
}

fn job_result(
    schema: &'static str,
    row_count: u64,
    write_row: impl Fn(u64, &mut Random, &mut Rows),
) -> std::io::Result<JobResult> {
    let mut random = Random(1);
    let mut rows = Rows(Vec::new());
    for row in 0..row_count {
        write_row(row, &mut random, &mut rows);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&rows.0)?;
    Ok(JobResult {
        schema,
        gzipped: encoder.finish()?,
    })
}

/// A pseudorandom number generator: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn choose<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let place = self.below(choices.len() as u64);
        let found = usize::try_from(place).ok().and_then(|at| choices.get(at));
        found.copied().unwrap_or_default()
    }
}

/// A MessagePack writer.
struct Rows(Vec<u8>);

impl Rows {
    fn nil(&mut self) {
        self.0.push(0xc0);
    }

    fn array(&mut self, len: u64) {
        self.0.push(0x90 | u8::try_from(len).unwrap_or(15));
    }

    fn map(&mut self, len: u64) {
        self.0.push(0x80 | u8::try_from(len).unwrap_or(15));
    }

    fn int(&mut self, int: u64) {
        match (u8::try_from(int), u32::try_from(int)) {
            (Ok(int @ 0..=127), _) => self.0.push(int),
            (_, Ok(int)) => {
                self.0.push(0xce);
                self.0.extend(int.to_be_bytes());
            }
            _ => {
                self.0.push(0xcf);
                self.0.extend(int.to_be_bytes());
            }
        }
    }

    /// A float from 0 to 1.
    fn float(&mut self, random: u64) {
        // The exponent of the floats from 1 to 2, before a fraction.
        let float = f64::from_bits(0x3ff0_0000_0000_0000 | random >> 12) - 1.0;
        self.0.push(0xcb);
        self.0.extend(float.to_be_bytes());
    }

    /// An amount of money.
    fn price(&mut self, cents: u64) {
        let cents = u32::try_from(cents).unwrap_or(u32::MAX);
        self.0.push(0xcb);
        self.0.extend((f64::from(cents) / 100.0).to_be_bytes());
    }

    /// A text of less than 256 bytes.
    fn text(&mut self, text: &str) {
        match u8::try_from(text.len()).unwrap_or(0) {
            len @ 0..=31 => self.0.push(0xa0 | len),
            len => self.0.extend([0xd9, len]),
        }
        self.0.extend(text.as_bytes());
    }

    fn texts(&mut self, len: u64, random: &mut Random, choices: &[&str]) {
        self.array(len);
        for _ in 0..len {
            self.text(random.choose(choices));
        }
    }
}
