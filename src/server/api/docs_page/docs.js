// Draws /api/v1/openapi.json as a list of routes.
'use strict';

const element = (name, className, ...children) => {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
};

const refName = (schema) => schema.$ref?.split('/').pop();

/** The schema in words: "Metric", "string or null", "Session[]". */
const typeText = (schema, named) => {
  if (!schema) return '';
  const reference = refName(schema);
  if (reference) {
    const target = named[reference];
    return target?.enum ? target.enum.join(' | ') : reference;
  }
  if (schema.oneOf) return schema.oneOf.map((part) => typeText(part, named)).join(' or ');
  const base = schema.allOf
    ? typeText(schema.allOf[0], named)
    : schema.type === 'array'
      ? `${typeText(schema.items, named)}[]`
      : schema.enum
        ? schema.enum.join(' | ')
        : schema.format === 'date-time'
          ? 'time'
          : (schema.type ?? 'any');
  return schema.nullable ? `${base} or null` : base;
};

/** Names of the component schemas a schema refers to directly. */
const references = (schema) =>
  [...JSON.stringify(schema ?? {}).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]);

const rows = (entries) =>
  element('table', '', element('tbody', '', ...entries.map(([name, type, text]) =>
    element('tr', '', element('td', '', element('code', '', name)), element('td', 'type', type), element('td', '', text)))));

const schemaTables = (schema, named) => {
  const seen = new Set();
  const queue = references(schema);
  const parts = [];
  while (queue.length > 0) {
    const name = queue.shift();
    const target = named[name];
    if (seen.has(name) || !target?.properties) continue;
    seen.add(name);
    parts.push(element('h3', '', name), element('p', 'what', target.description ?? ''));
    parts.push(rows(Object.entries(target.properties).map(([field, type]) =>
      [field, typeText(type, named), target.required?.includes(field) ? '' : 'may be left out'])));
    queue.push(...references(target));
  }
  return parts;
};

const drawRoute = (path, method, operation, named) => {
  const body = element('div', 'body');
  const details = element('details', '',
    element('summary', '', element('span', 'method', method.toUpperCase()), element('code', '', path),
      element('span', 'what', operation.summary)), body);
  details.dataset.text = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
  details.addEventListener('toggle', () => {
    if (!details.open || body.childElementCount > 0) return;
    if (operation.parameters) {
      body.append(element('h3', '', 'Parameters'), rows(operation.parameters.map((parameter) => {
        const fallback = parameter.schema.default;
        return [parameter.name, typeText(parameter.schema, named),
          `${parameter.description}${fallback === undefined ? '' : ` Default: ${fallback}.`}`];
      })));
    }
    const sent = operation.requestBody?.content['application/json'].schema;
    if (sent) body.append(element('h3', '', 'Body'), element('code', '', typeText(sent, named)), ...schemaTables(sent, named));
    const [media, answer] = Object.entries(operation.responses['200'].content)[0];
    body.append(element('h3', '', `Answer (${media})`), element('code', '', typeText(answer.schema, named)),
      ...schemaTables(answer.schema, named));
    if (method === 'get' && !path.includes('{')) {
      body.append(element('h3', '', 'Try'), element('code', '', `curl -s ${location.origin}${path}`));
    }
  });
  return details;
};

const draw = (document_) => {
  const named = document_.components.schemas;
  document.getElementById('about').textContent = document_.info.description;
  const groups = new Map();
  for (const [path, operations] of Object.entries(document_.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, element('section', '', element('h2', '', tag)));
      groups.get(tag).append(drawRoute(path, method, operation, named));
    }
  }
  document.getElementById('routes').replaceChildren(...groups.values());
  document.getElementById('find').addEventListener('input', (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const route of document.querySelectorAll('details')) route.hidden = !route.dataset.text.includes(wanted);
    for (const section of document.querySelectorAll('section')) {
      section.hidden = [...section.querySelectorAll('details')].every((route) => route.hidden);
    }
  });
};

fetch('/api/v1/openapi.json')
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`status ${response.status}`))))
  .then(draw)
  .catch((error) => {
    document.getElementById('routes').textContent = `openapi.json could not be loaded (${error.message}).`;
  });
