// openapi.json → one <details> an operation: its fields, a button that sends it, and the answer. Text goes in as text.
"use strict";

const element = (name, text = "", props = {}) => Object.assign(document.createElement(name), { textContent: text, ...props });

function resolve(contract, schema) {
  const name = schema?.$ref?.split("/").pop() ?? schema?.anyOf?.find((s) => s.$ref)?.$ref.split("/").pop();
  return name ? contract.components.schemas[name] : schema;
}

function example(contract, schema) {
  const fields = resolve(contract, schema)?.properties ?? {};
  return JSON.stringify(Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, v.default ?? (v.type === "string" ? "" : null)])), null, 2);
}

function field(form, label, input) {
  const row = element("label", label);
  row.append(input);
  form.append(row);
  return input;
}

function bodyFields(form, contract, operation) {
  const content = operation.requestBody?.content ?? {};
  const multipart = content["multipart/form-data"];
  if (multipart) {
    const inputs = Object.entries(multipart.schema.properties).map(([name, schema]) =>
      field(form, name, element("input", "", { name, type: schema.format === "binary" ? "file" : "text" })));
    return () => {
      const data = new FormData();
      for (const input of inputs) {
        if (input.type === "file") { if (input.files[0]) data.append(input.name, input.files[0]); }
        else if (input.value) data.append(input.name, input.value);
      }
      return { body: data };
    };
  }
  if (content["application/json"]) {
    const text = field(form, "body", element("textarea", example(contract, content["application/json"].schema)));
    return () => ({ body: text.value, headers: { "Content-Type": "application/json" } });
  }
  return () => ({});
}

async function send(method, path, inputs, body, out) {
  const query = new URLSearchParams();
  for (const [parameter, input] of inputs) {
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value) query.append(parameter.name, input.value);
  }
  out.textContent = "…";
  try {
    const answer = await fetch(path + (query.size ? `?${query}` : ""), { method, ...body() });
    const kind = answer.headers.get("content-type") ?? "";
    const text = /json|text/.test(kind) ? await answer.text() : `${kind} ${answer.headers.get("content-length") ?? ""} bytes`;
    let shown = text;
    if (kind.includes("json")) shown = JSON.stringify(JSON.parse(text), null, 2);
    out.textContent = `${answer.status} ${answer.statusText}\n\n${shown}`;
  } catch (error) {
    out.textContent = String(error);
  }
}

function draw(contract, base, path, method, operation) {
  const box = element("details");
  const head = element("summary");
  head.append(element("b", method.toUpperCase()), path);
  const form = element("form");
  const inputs = (operation.parameters ?? []).map((p) =>
    [p, field(form, `${p.name}${p.required ? " *" : ""}`, element("input", "", { required: p.required ?? false }))]);
  const body = bodyFields(form, contract, operation);
  const out = element("pre", "", { hidden: true });
  form.append(element("button", "Send"), out);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    out.hidden = false;
    send(method.toUpperCase(), base + path, inputs, body, out);
  });
  box.append(head, element("p", operation.description ?? ""), form);
  return box;
}

async function start() {
  const contract = await (await fetch("v1/openapi.json")).json();
  const base = contract.servers?.[0]?.url ?? "";
  document.getElementById("about").textContent = `${contract.info.description} Version ${contract.info.version}.`;
  const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => draw(contract, base, path, method, operation)));
  document.getElementById("operations").append(...operations);
}

start();
