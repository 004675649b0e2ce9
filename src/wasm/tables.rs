//! A list of tables. It stays in the module's memory, because the schemas of thousands of tables are much larger as
//! JavaScript objects.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::rc::Rc;

use petit_plan::CopyStatement;
use petit_td::{Schema, TableInfo, schema_text};
use wasm_bindgen::prelude::*;

use crate::{
    convert::{IntoJs, JsResult, from_js, to_js},
    types::{JsCopyNames, JsCopyStatement, JsPersonalColumns, JsTableInfo, JsTables},
};

/// The tables of a database, as TD lists them.
#[wasm_bindgen(js_name = TableList)]
pub struct WasmTableList(Rc<Tables>);

struct Tables {
    all: Vec<Rc<TableInfo>>,
    by_name: HashMap<String, usize>,
}

impl WasmTableList {
    pub fn tables(&self) -> &[Rc<TableInfo>] {
        &self.0.all
    }

    fn get(&self, name: &str) -> Option<&Rc<TableInfo>> {
        self.0.all.get(*self.0.by_name.get(name)?)
    }
}

impl From<Vec<Rc<TableInfo>>> for WasmTableList {
    fn from(all: Vec<Rc<TableInfo>>) -> Self {
        let names = all.iter().enumerate();
        let by_name = names
            .map(|(index, table)| (table.name.clone(), index))
            .collect();
        Self(Rc::new(Tables { all, by_name }))
    }
}

#[wasm_bindgen(js_class = TableList)]
impl WasmTableList {
    /// The same list, for a function that takes its argument.
    pub fn share(&self) -> WasmTableList {
        Self(Rc::clone(&self.0))
    }

    /// The number of tables.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.0.all.len()
    }

    /// The names of the `max` largest tables.
    pub fn largest(&self, max: usize) -> Vec<String> {
        let mut tables: Vec<_> = self.0.all.iter().collect();
        tables.sort_by_key(|table| Reverse(table.estimated_storage_size));
        let largest = tables.iter().take(max);
        largest.map(|table| table.name.clone()).collect()
    }

    /// The tables as plain data.
    #[wasm_bindgen(js_name = toData)]
    pub fn to_data(&self) -> JsResult<JsTables> {
        to_js(&self.0.all)
    }

    /// The tables as plain data, without their columns.
    #[wasm_bindgen(js_name = withoutColumns)]
    pub fn without_columns(&self) -> JsResult<JsTables> {
        let bare = self.0.all.iter().map(|table| {
            Rc::new(TableInfo {
                schema: Schema::default(),
                ..table.as_ref().clone()
            })
        });
        to_js(&bare.collect())
    }

    /// The table of this name as plain data, if there is one.
    pub fn find(&self, name: &str) -> JsResult<Option<JsTableInfo>> {
        let table = self.get(name).map(Rc::as_ref);
        table.map(to_js).transpose()
    }

    /// The schema of a table in the format of TD.
    #[wasm_bindgen(js_name = schemaText)]
    pub fn schema_text(&self, name: &str) -> Option<String> {
        let table = self.get(name)?;
        Some(schema_text(&table.schema.columns()))
    }

    /// See [`CopyStatement`].
    #[wasm_bindgen(js_name = copyStatement)]
    pub fn copy_statement(
        &self,
        name: &str,
        names: JsCopyNames,
    ) -> JsResult<Option<JsCopyStatement>> {
        let names = from_js(names)?;
        let statement = |table: &Rc<TableInfo>| to_js(&CopyStatement::new(&names, table));
        self.get(name).map(statement).transpose()
    }

    /// See [`petit_plan::personal_columns`].
    ///
    /// `names`: of the tables; those that are not in the list are left out.
    #[wasm_bindgen(js_name = personalColumns)]
    pub fn personal_columns(
        &self,
        database: &str,
        names: Vec<String>,
        rules: Vec<String>,
    ) -> JsResult<JsPersonalColumns> {
        let tables = names.iter().filter_map(|name| self.get(name));
        let found = petit_plan::personal_columns(database, tables.map(Rc::as_ref), &rules);
        to_js(&found.into_js()?)
    }

    /// See [`petit_plan::Leases::others_at_work`].
    ///
    /// `sessions`: the names of all sessions of the account. `now_ms`: by TD's clock.
    #[wasm_bindgen(js_name = othersAtWork)]
    pub fn others_at_work(
        &self,
        database: &str,
        table: &str,
        run: u32,
        sessions: Vec<String>,
        now_ms: Option<u64>,
    ) -> Vec<String> {
        let leases = petit_plan::Leases::read(database, &self.0.all, now_ms, &[]);
        let tables = self.0.all.iter().map(|table| table.name.as_str());
        let names = tables.chain(sessions.iter().map(String::as_str));
        leases.others_at_work(database, table, run, names)
    }

    /// See [`petit_plan::lease_processes`].
    #[wasm_bindgen(js_name = leaseProcesses)]
    pub fn lease_processes(&self, database: &str) -> Vec<String> {
        petit_plan::lease_processes(database, &self.0.all)
    }
}
