//! The TypeScript declarations of the plain data that crosses the boundary, `pkg-scripts/core.d.ts`, are those of the Rust
//! types. With `PETIT_WRITE_DECLARATIONS=1`, the test writes them.
#![allow(clippy::unwrap_used)]

use std::{any::TypeId, collections::BTreeMap, env, fs, path::Path};

use petit_td::Replies;
use ts_rs::{Config, TS, TypeVisitor};

const HEADER: &str = "\
// The plain data that crosses the boundary to WebAssembly. Generated from the Rust types; do not edit it. To write it again:
// PETIT_WRITE_DECLARATIONS=1 cargo test -p petit --test declarations; npx biome format --write pkg-scripts/core.d.ts
";

struct Declarations {
    config: Config,
    /// The Rust type and the declaration, by name.
    types: BTreeMap<String, (TypeId, String)>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Other types, such as `Array`, have no declaration.
        if T::output_path().is_none() {
            T::visit_generics(self);
            return;
        }
        let (id, name) = (TypeId::of::<T>(), T::ident(&self.config));
        if let Some((other, _)) = self.types.get(&name) {
            assert_eq!(*other, id, "two types are named {name}");
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}", T::decl(&self.config));
        self.types.insert(name, (id, declaration));
        T::visit_dependencies(self);
    }
}

impl Declarations {
    fn visit_named<T: TS + 'static>(&mut self, type_in_wasm: &str) {
        // `None` is `undefined` on this boundary.
        let name = T::name(&self.config).replace("| null", "| undefined");
        assert_eq!(type_in_wasm.replace("core.", ""), name);
        self.visit::<T>();
    }

    fn text(&self) -> String {
        let declarations = self.types.values();
        declarations.fold(HEADER.to_owned(), |text, (_, declaration)| {
            format!("{text}\n{}\n", in_javascript(declaration))
        })
    }
}

/// The declaration with comments in the terms of JavaScript: code in place of links, and `undefined` in place of `None`.
fn in_javascript(declaration: &str) -> String {
    let mut parts = declaration.split("[`");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("`]").unwrap();
        let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        text += &format!("`{name}`{}", target.map_or(rest, |(_, rest)| rest));
    }
    text.replace("`None`", "`undefined`")
        .replace("/**\n * ", "/** ")
        .replace("\n */", " */")
}

/// The text without what the formatter of JavaScript adds, removes or replaces.
fn unformatted(text: &str) -> String {
    let is_kept = |c: &char| !c.is_whitespace() && !",;'\"()*/".contains(*c);
    text.chars()
        .filter(is_kept)
        .collect::<String>()
        .replace("=|", "=")
}

macro_rules! js_types {
    ($($js:ident: $rust:ty = $name:literal;)*) => {
        fn visit_all(declarations: &mut Declarations) {
            $(declarations.visit_named::<$rust>($name);)*
        }
    };
}

include!("../types/table.rs");

#[test]
fn core_d_ts_has_the_types_of_the_boundary() {
    let mut declarations = Declarations {
        // Counts that may exceed 2^53 are declared as `bigint` where they are serialized as such.
        config: Config::new().with_large_int("number"),
        types: BTreeMap::new(),
    };
    visit_all(&mut declarations);
    declarations.visit::<Replies>();
    let text = declarations.text();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pkg-scripts/core.d.ts");
    if env::var_os("PETIT_WRITE_DECLARATIONS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|file| unformatted(&file) == unformatted(&text)),
        "pkg-scripts/core.d.ts differs: its first lines say how to write it"
    );
}
