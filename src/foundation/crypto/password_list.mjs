// Writes the table of common passwords that password.cpp searches: sorted by bytes, one a line, lower case. Called by the
// build:  node password_list.mjs WEB_FOLDER OUT
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [web, out] = process.argv.slice(2);
const require = createRequire(`${resolve(web)}/package.json`);
const { dictionary } = require("@zxcvbn-ts/language-common");

// What password.cpp looks up is a whole password (12 characters or more), or one without the digits and signs at its end;
// nothing shorter than half of 12 characters counts.
const table = dictionary["passwords-common"]
  .map((word) => word.toLowerCase())
  .filter((word) => /^[\x21-\x7e]+$/.test(word) && (word.length >= 12 || (word.length >= 6 && /[a-z]$/.test(word))));
if (table.length < 10_000) {
  throw new Error(`only ${table.length} common passwords: has the package changed?`);
}
writeFileSync(out, `${[...new Set(table)].sort().join("\n")}\n`);
