"use strict";

/** Swagger UI has no translations; these are the texts that it shows. */
const WORDS = {
  "Try it out": "试一试",
  Cancel: "取消",
  Reset: "重置",
  Execute: "发送",
  Clear: "清除",
  Parameters: "参数",
  "No parameters": "没有参数",
  Name: "名称",
  Description: "说明",
  "Request body": "请求体",
  Responses: "响应",
  "Server response": "服务器的响应",
  Code: "状态码",
  Details: "详情",
  Links: "链接",
  "No links": "无",
  "Response body": "响应体",
  "Response headers": "响应头",
  "Request URL": "请求地址",
  Request: "请求",
  "Request duration": "请求耗时",
  "Example Value": "示例",
  Schema: "结构",
  Schemas: "数据结构",
  Servers: "服务器",
  "Media type": "媒体类型",
  "Response content type": "响应类型",
  "Controls Accept header.": "决定请求头 Accept。",
  "Send empty value": "发送空值",
  Headers: "响应头",
  Type: "类型",
  Download: "下载",
  "Failed to fetch.": "请求没有送达。",
};

/** Input and responses are not translated. */
const UNTOUCHED = "pre, code, textarea, .renderedMarkdown, .microlight, .parameters-col_name";

function translate(root) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = root.nodeType === Node.TEXT_NODE ? root : texts.nextNode(); text; text = texts.nextNode()) {
    const word = WORDS[text.data.trim()];
    if (word && !text.parentElement?.closest(UNTOUCHED)) text.data = word;
  }
}

const ui = document.getElementById("ui");
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "characterData") translate(target);
    else addedNodes.forEach(translate);
  }
}).observe(ui, { childList: true, characterData: true, subtree: true });

SwaggerUIBundle({
  dom_id: "#ui",
  spec: JSON.parse(document.getElementById("spec").textContent),
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});

// Links to operations open them; Swagger UI itself reads the fragment only when it loads.
for (const link of document.querySelectorAll('header a[href^="#/"]')) {
  link.addEventListener("click", () => {
    const id = decodeURIComponent(link.hash).split("/").pop();
    const operation = document.querySelector(`[id$="-${CSS.escape(id)}"]`);
    if (operation && !operation.classList.contains("is-open")) operation.querySelector(".opblock-summary-control").click();
    operation?.scrollIntoView();
  });
}

// The sandbox's page needs the address of the service.
const sandbox = document.getElementById("sandbox");
if (sandbox) sandbox.href += "?service=" + encodeURIComponent(location.origin);
