// Compiles schemas by ajv in strict mode, and says which of their documents they accept.
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";

const ajv = addFormats(new Ajv({ strict: true, allowUnionTypes: true }));
const cases = JSON.parse(readFileSync(0, "utf-8"));
const answers = cases.map(({ schema, documents }) => {
  const validate = ajv.compile(schema);
  return documents.map((document) => validate(document));
});
process.stdout.write(JSON.stringify(answers));
