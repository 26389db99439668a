// Writes src/shared/api/generated.ts from the description the server publishes.
// Usage: npm run codegen [-- path/to/openapi.json]
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateEndpoints } from '@rtk-query/codegen-openapi';

const web = fileURLToPath(new URL('..', import.meta.url));
const outputFile = path.join(web, 'src/shared/api/generated.ts');
const apiFile = path.join(web, 'src/shared/api/base.ts');
const schemaFile = path.resolve(process.argv[2] ?? path.join(web, '../docs/api/openapi.json'));
await generateEndpoints({
    schemaFile,
    apiFile,
    apiImport: 'api',
    outputFile,
    exportName: 'api',
    hooks: true,
});

// The tool writes the base file's absolute address; the file must not depend on where it was made.
const text = await readFile(outputFile, 'utf8');
await writeFile(outputFile, text.replaceAll(apiFile.replace(/\.ts$/, ''), './base'));
