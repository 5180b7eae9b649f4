"use strict";

const NUMBERS = ["times", "sex", "is_snapshotuser"];
const LIVE = ["message-rows", "code-rows", "fault-rows", "identity-rows"];
/** In milliseconds. */
const PAUSE = 1000;

/** The fields of a form that are not empty, as JSON for the sandbox's own paths. */
function fieldsOf(form) {
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  const fields = Object.fromEntries(filled);
  for (const name of NUMBERS) if (name in fields) fields[name] = Number(fields[name]);
  if (fields.kind === "body") fields.value ??= "";
  else if ("value" in fields) fields.value = Number(fields.value);
  return fields;
}

/** Shows a text in the section of `element`, and a code with a button that copies it. */
function show(element, text, { code, failed = false } = {}) {
  const output = element.closest("section").querySelector("output");
  output.className = failed ? "error" : "";
  output.replaceChildren(text);
  if (!code) return;
  const shown = document.createElement("code");
  shown.textContent = code;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.copy = code;
  button.textContent = "复制";
  output.append(shown, " ", button);
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Over plain HTTP browsers provide the clipboard API on localhost only.
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("not copied");
}

/** Takes the lists from a new copy of the page and replaces those that have changed. */
async function refreshLists() {
  const page = await (await fetch("/", { cache: "no-store" })).text();
  const fresh = new DOMParser().parseFromString(page, "text/html");
  for (const id of LIVE) {
    const [now, then] = [fresh.getElementById(id), document.getElementById(id)];
    if (now.innerHTML !== then.innerHTML) then.replaceWith(document.adoptNode(now));
  }
}

async function keepFresh() {
  const connection = document.getElementById("connection");
  for (;;) {
    await new Promise((resume) => setTimeout(resume, PAUSE));
    if (document.hidden) continue;
    let message = "列表会自动更新。";
    try {
      await refreshLists();
    } catch {
      message = "沙箱没有响应,正在重试……";
    }
    if (connection.textContent !== message) connection.textContent = message;
  }
}

async function send(form) {
  const response = await fetch(form.dataset.path, {
    method: form.dataset.method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fieldsOf(form)),
  });
  const answer = await response.json();
  if (!response.ok) return show(form, "出错了:" + answer.error, { failed: true });
  show(form, answer.code ? "code:" : "完成", answer);
  await refreshLists();
}

/** Opens the service's login, which redirects to the consent page. */
function openConsent(form) {
  const service = form.elements.service.value.replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]/.test(service)) {
    return show(form, "服务地址应以 http:// 或 https:// 开头", { failed: true });
  }
  open(service + "/wechat.auth/login", "_blank", "noopener");
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  if (!form.dataset.path) return openConsent(form);
  try {
    await send(form);
  } catch {
    show(form, "无法连接沙箱", { failed: true });
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  try {
    await copy(button.dataset.copy);
    button.textContent = "已复制";
  } catch {
    button.textContent = "复制失败";
  }
  setTimeout(() => (button.textContent = "复制"), PAUSE);
});

const fault = document.querySelector('#faults form[data-method="PUT"]');
fault.elements.kind.addEventListener("change", () => {
  const { unit, usual } = fault.elements.kind.selectedOptions[0].dataset;
  const field = fault.elements.value;
  field.closest("label").hidden = field.disabled = unit === undefined;
  field.previousElementSibling.textContent = unit ?? "";
  field.value = usual ?? "";
});

// The link in /docs has the address of the service in its query.
const service = new URLSearchParams(location.search).get("service");
if (service) document.querySelector("#consent form").elements.service.value = service;

keepFresh();
