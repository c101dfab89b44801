// schema.mjs SCHEMA FILE...: what the validator of GitHub's upload action says of SARIF files, a line an error.
import fs from "node:fs";
import jsonschema from "jsonschema";

const [, , schema, ...files] = process.argv;
const read = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
for (const file of files) {
  const { errors } = new jsonschema.Validator().validate(read(file), read(schema));
  for (const error of errors) console.log(`${file}: ${error.stack}`);
}
