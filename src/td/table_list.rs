//! Reads the list of a database's tables as its bytes arrive, one table at a time. The list of thousands of tables with
//! thousands of columns each takes 100 MB, of which only the text of the schemas is kept.

use std::rc::Rc;

use petit_text::Redactor;
use serde::{Deserialize, Serialize};

use super::account::redact_json;
use super::model::TableInfo;

/// The depth at which the objects of a list are: `{"tables": [{`.
const OBJECT_DEPTH: usize = 2;

/// Number of bytes of the reply that are kept for error messages.
const START_BYTES: usize = 480;

/// Reads a list of tables from chunks of any length.
#[derive(Debug, Default)]
pub struct TableListReader {
    redactor: Redactor,
    /// The reply with a [`Reference`] in place of each object of a list.
    outline: Vec<u8>,
    /// The object that is being read.
    object: Option<Vec<u8>>,
    tables: Vec<serde_json::Result<Rc<TableInfo>>>,
    start: Vec<u8>,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

/// What the outline has in place of an object: its index.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    object: usize,
}

#[derive(Deserialize)]
struct Outline {
    tables: Vec<Reference>,
}

/// Why a reply is not a list of tables.
#[derive(Debug)]
pub struct NotTables {
    /// The reason.
    pub reason: serde_json::Error,
    /// The start of the reply.
    pub start: Vec<u8>,
}

/// What a byte starts or ends.
enum Boundary {
    Start,
    End,
}

impl TableListReader {
    /// A reader that redacts secrets in the reply.
    pub fn new(redactor: Redactor) -> Self {
        Self {
            redactor,
            ..Self::default()
        }
    }

    /// Reads the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let missing = START_BYTES.saturating_sub(self.start.len());
        self.start.extend(bytes.iter().take(missing));
        let mut kept = 0;
        for (at, byte) in bytes.iter().enumerate() {
            match self.step(*byte) {
                None => {}
                Some(Boundary::Start) => {
                    self.keep(bytes.get(kept..at).unwrap_or_default());
                    self.object = Some(Vec::new());
                    kept = at;
                }
                Some(Boundary::End) => {
                    self.keep(bytes.get(kept..=at).unwrap_or_default());
                    self.end_object();
                    kept = at + 1;
                }
            }
        }
        self.keep(bytes.get(kept..).unwrap_or_default());
    }

    /// The tables of the list.
    ///
    /// # Errors
    /// The reason, for a reply that is not a list of tables.
    pub fn finish(mut self) -> Result<Vec<Rc<TableInfo>>, NotTables> {
        // An object that does not end makes the outline invalid.
        self.outline.extend(self.object.take().unwrap_or_default());
        let mut objects: Vec<_> = self.tables.into_iter().map(Some).collect();
        let outline = redact_json(&self.redactor, self.outline);
        let tables = serde_json::from_slice(&outline).and_then(|Outline { tables }| {
            let object = |Reference { object }| objects.get_mut(object)?.take();
            tables.into_iter().filter_map(object).collect()
        });
        tables.map_err(|reason| NotTables {
            reason,
            start: redact_json(&self.redactor, self.start),
        })
    }

    /// Follows the structure of the JSON. Brackets that do not match are found when the texts are parsed.
    fn step(&mut self, byte: u8) -> Option<Boundary> {
        if self.in_string {
            match byte {
                b'"' if !self.escaped => self.in_string = false,
                b'\\' => self.escaped = !self.escaped,
                _ => self.escaped = false,
            }
            return None;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.escaped = false;
            }
            b'{' | b'[' => {
                self.depth += 1;
                let is_object = byte == b'{' && self.depth == OBJECT_DEPTH + 1;
                return is_object.then_some(Boundary::Start);
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                let is_end = self.depth == OBJECT_DEPTH && self.object.is_some();
                return is_end.then_some(Boundary::End);
            }
            _ => {}
        }
        None
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.object
            .as_mut()
            .unwrap_or(&mut self.outline)
            .extend_from_slice(bytes);
    }

    fn end_object(&mut self) {
        let object = redact_json(&self.redactor, self.object.take().unwrap_or_default());
        let reference = format!("{{\"object\":{}}}", self.tables.len());
        self.outline.extend(reference.bytes());
        self.tables
            .push(serde_json::from_slice(&object).map(Rc::new));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The names of the tables, whatever the length of the chunks, or the reason why there are none.
    fn names(reply: &str) -> Result<Vec<String>, String> {
        let read = |length: usize| {
            let mut reader = TableListReader::default();
            reply
                .as_bytes()
                .chunks(length)
                .for_each(|chunk| reader.push(chunk));
            let tables = reader.finish().map_err(|error| error.reason.to_string())?;
            Ok(tables.iter().map(|table| table.name.clone()).collect())
        };
        let whole = read(reply.len().max(1));
        for length in [1, 3, 7] {
            assert_eq!(read(length), whole, "{length}");
        }
        whole
    }

    #[test]
    fn tables_are_read_in_their_order() {
        let table = |name: &str, schema: &str| json!({"name": name, "schema": schema});
        let tables: Vec<Value> = vec![
            table("a", r#"[["x\"]}","long"]]"#),
            table("\"}],{", "[]"),
            table("\\", "[]"),
        ];
        let reply = json!({"database": "db", "tables": tables, "more": [{"odd": {"er": [1]}}]});
        let expected = vec!["a".into(), "\"}],{".into(), "\\".into()];
        assert_eq!(names(&reply.to_string()), Ok(expected));
        assert_eq!(names(r#" {"tables" : [ ] } "#), Ok(Vec::new()));
    }

    #[test]
    fn other_replies_are_errors() {
        for reply in [
            "",
            "<html>{[{",
            "[]",
            "{}",
            r#"{"tables":[{"name":"a"}"#,
            r#"{"tables":[{"name":"a"]}"#,
            r#"{"tables":[{"name":"a"}]]"#,
            r#"{"tables":[{"name":"a"}]} {}"#,
            r#"{"tables":[0,{"name":"a"}]}"#,
            r#"{"tables":[{"count":1}]}"#,
            r#"{"tables":[{"name":"a","schema":"["}]}"#,
            r#"{"tables":{"a":{"name":"a"}}}"#,
        ] {
            assert!(names(reply).is_err(), "{reply}");
        }
    }

    #[test]
    fn a_key_in_a_schema_is_redacted() {
        let key = "1/0123456789abcdef0123456789abcdef";
        let mut reader = TableListReader::new(Redactor::new([key]));
        let reply =
            json!({"tables": [{"name": "a", "schema": json!([[key, "long"]]).to_string()}]});
        reader.push(reply.to_string().as_bytes());
        let tables = reader.finish().unwrap();
        assert!(!format!("{tables:?}").contains("456789ab"), "{tables:?}");
    }
}
