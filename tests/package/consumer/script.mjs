// A Node script as anybody may write it: node script.mjs ENDPOINT DATABASE TABLE FILE; the key is in TD_API_KEY.
import { exportTable, TreasureData } from 'petit-td';

const [endpoint, database, table, to] = process.argv.slice(2);
const account = new TreasureData({ endpoint, apikey: process.env.TD_API_KEY });
const { permissions } = await account.check();
const types = new Set();
const run = exportTable({ account, database, table, to });
for await (const event of run) types.add(event.type);
const { rows } = await run;
console.log(JSON.stringify({ permissions, rows: String(rows), types: [...types].sort() }));
