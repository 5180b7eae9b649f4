"use strict";

const NUMBERS = ["times", "sex", "is_snapshotuser"];
const result = document.getElementById("result");

function show(text, failed) {
  result.textContent = text;
  result.className = failed ? "error" : "";
}

/** The filled fields of a form as the sandbox's own paths take them. */
function fieldsOf(form) {
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  const fields = Object.fromEntries(filled);
  for (const name of NUMBERS) if (name in fields) fields[name] = Number(fields[name]);
  if (fields.kind === "body") fields.value ??= "";
  else if ("value" in fields) fields.value = Number(fields.value);
  return fields;
}

async function refreshLists() {
  const page = await (await fetch("/")).text();
  const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("lists");
  document.getElementById("lists").replaceWith(fresh);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  try {
    const response = await fetch(form.dataset.path, {
      method: form.dataset.method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fieldsOf(form)),
    });
    const answer = await response.json();
    if (!response.ok) return show("出错了:" + answer.error, true);
    show(answer.code ? "code:" + answer.code : "完成", false);
    await refreshLists();
  } catch {
    show("无法连接沙箱", true);
  }
});
