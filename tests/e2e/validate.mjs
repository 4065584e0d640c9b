// SPDX-License-Identifier: Apache-2.0
// The second validator: every *-good-*.json of a folder must fit its schema, no *-bad-*.json may.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const folder = process.argv[2];
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
addFormats(ajv);
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const check = {};
for (const name of ["analysis", "comparison", "series"]) check[name] = ajv.compile(read(`${name}.schema.json`));

let documents = 0;
let failed = 0;
for (const name of readdirSync(folder)) {
  const [schema, expected] = name.split("-");
  if (expected !== "good" && expected !== "bad") continue;
  const fits = check[schema](read(name));
  documents++;
  if (fits === (expected === "good")) continue;
  failed++;
  const why = (check[schema].errors ?? []).slice(0, 3).map((e) => `${e.instancePath} ${e.message}`);
  console.log(`FAILED ajv: ${name} ${fits ? "fits the schema" : why.join("; ")}`);
}
console.log(`ajv: ${documents} documents, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
