// The catalogues: both languages have the same keys and placeholders, every key is used, every key
// used exists, and no text for people stands in the code.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = (await readdir(src, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
const problems = [];

function flatten(value, prefix = '', into = new Map()) {
    for (const [key, inner] of Object.entries(value)) {
        const name = prefix ? `${prefix}.${key}` : key;
        if (typeof inner === 'string') into.set(name, inner);
        else flatten(inner, name, into);
    }
    return into;
}
const bare = (key) => key.replace(/_(zero|one|two|few|many|other)$/, '');
/** A plural form may leave its count out: "one" says it in a word. */
const placeholders = (text, key) =>
    [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]))]
        .filter((name) => name !== 'count' || bare(key) === key)
        .sort()
        .join(',');

/** namespace -> keys without plural endings */
const namespaces = new Map();
for (const file of files.filter((name) => name.endsWith('locales/en.json'))) {
    const folder = path.dirname(file);
    const namespace = folder.startsWith('shared') ? 'common' : folder.split('/')[1];
    const en = flatten(JSON.parse(await readFile(path.join(src, file), 'utf8')));
    const zh = flatten(JSON.parse(await readFile(path.join(src, folder, 'zh-CN.json'), 'utf8')));
    const zhBare = new Map([...zh].map(([key, text]) => [bare(key), text]));
    const enBare = new Map([...en].map(([key, text]) => [bare(key), text]));
    for (const [key, text] of en) {
        const other = zhBare.get(bare(key));
        if (other === undefined) problems.push(`${namespace}: ${key} is missing in zh-CN`);
        else if (placeholders(text, key) !== placeholders(other, key)) {
            problems.push(`${namespace}: ${key} has other placeholders in zh-CN`);
        }
    }
    for (const [key, text] of zh) {
        if (!enBare.has(bare(key))) problems.push(`${namespace}: ${key} is missing in en`);
        if (text.trim() === '') problems.push(`${namespace}: ${key} is empty in zh-CN`);
    }
    namespaces.set(namespace, new Set(enBare.keys()));
}

/** Keys used whole, and beginnings of keys put together. */
const whole = new Set();
const beginnings = new Set();
const ATTRIBUTES = new Set(['title', 'aria-label', 'placeholder', 'alt', 'label', 'name']);
const WORDS = /[\p{L}]{2,}/u;
const ALLOWED = new Set(['Tidemark']);

for (const file of files.filter(
    (name) => /\.tsx?$/.test(name) && !/(\.test\.tsx?|\.d\.ts)$/.test(name),
)) {
    if (file.endsWith('generated.ts')) continue;
    const text = await readFile(path.join(src, file), 'utf8');
    const tree = ts.createSourceFile(
        file,
        text,
        ts.ScriptTarget.Latest,
        true,
        file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
    );
    const at = (node) => `${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    const visit = (node) => {
        if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
            whole.add(node.text.replace(/^\w+:/, ''));
            if (/\p{Script=Han}/u.test(node.text))
                problems.push(`${at(node)}: text outside the catalogues`);
        }
        if (ts.isTemplateExpression(node)) beginnings.add(node.head.text.replace(/^\w+:/, ''));
        if (ts.isCallExpression(node) && node.expression.getText() === 't') {
            const first = node.arguments[0];
            if (first && ts.isStringLiteral(first)) {
                const key = first.text.replace(/^\w+:/, '');
                if (![...namespaces.values()].some((keys) => keys.has(key))) {
                    problems.push(`${at(node)}: no catalogue has ${first.text}`);
                }
            }
        }
        if (ts.isJsxText(node)) {
            const shown = node.text.replace(/&\w+;/g, '').trim();
            const tag = ts.isJsxElement(node.parent)
                ? node.parent.openingElement.tagName.getText()
                : '';
            if (tag === 'code' || tag === 'kbd') return; // commands and keys are the same everywhere
            if (WORDS.test(shown) && !ALLOWED.has(shown)) {
                problems.push(`${at(node)}: text outside the catalogues: ${shown}`);
            }
        }
        if (
            ts.isJsxAttribute(node) &&
            ATTRIBUTES.has(node.name.getText()) &&
            node.initializer &&
            ts.isStringLiteral(node.initializer) &&
            /^[A-Z\p{Script=Han}]/u.test(node.initializer.text)
        ) {
            problems.push(`${at(node)}: text outside the catalogues: ${node.initializer.text}`);
        }
        ts.forEachChild(node, visit);
    };
    visit(tree);
}
for (const [namespace, keys] of namespaces) {
    for (const key of keys) {
        if (whole.has(key)) continue;
        if (
            [...beginnings].some(
                (head) => head !== '' && head.includes('.') && key.startsWith(head),
            )
        ) {
            continue;
        }
        problems.push(`${namespace}: ${key} is not used`);
    }
}

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'catalogues are complete' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
