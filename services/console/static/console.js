// Conveniences alone: every page works without them.
"use strict";

// Buttons that only a script can serve.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A form sent twice takes effect once; the second click is not even sent.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// One select with groups becomes two: first the group, then what is in it.
for (const select of document.querySelectorAll("select[data-cascade]")) {
  const groups = [...select.querySelectorAll("optgroup")];
  if (!groups.length) continue;
  const [first, second] = select.dataset.cascade.split("|");
  const empty = select.options[0].text;
  const box = document.createElement("div");
  box.className = "cascade";
  const upper = document.createElement("select");
  upper.setAttribute("aria-label", first);
  upper.add(new Option(empty, ""));
  groups.forEach((group, i) => upper.add(new Option(group.label, String(i))));
  select.before(box);
  box.append(upper, select);
  select.setAttribute("aria-label", second);
  const all = groups.map((group) => [...group.children]);
  const chosen = all.findIndex((options) => options.some((option) => option.selected));
  const show = (index, value) => {
    select.replaceChildren();
    if (index === "") select.add(new Option("", ""));
    else all[index].forEach((option) => select.append(option));
    select.value = value ?? select.options[0].value;
    select.hidden = index === "";
  };
  const value = select.value;
  upper.value = chosen < 0 ? "" : String(chosen);
  show(upper.value, value);
  upper.addEventListener("change", () => show(upper.value));
}

// One more row in the table of people, without asking the server.
for (const button of document.querySelectorAll("[data-add-person]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const body = document.querySelector("[data-people]");
    const rows = body.rows.length;
    if (rows >= 20) return;
    const row = body.rows[rows - 1].cloneNode(true);
    for (const wrong of row.querySelectorAll(".wrong")) wrong.remove();
    for (const field of row.querySelectorAll("input, select")) {
      field.name = field.name.replace(/\d+/, rows);
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
      if (field.id) field.id = field.id.replace(/\d+/, rows);
      const label = field.getAttribute("aria-label");
      field.setAttribute("aria-label", label.replace(/\d+/, rows + 1));
      if (field.tagName === "INPUT") field.value = "";
    }
    body.append(row);
    row.querySelector("input").focus();
  });
}

// What the text says of its place, while it is written; the button serves without a script.
for (const box of document.querySelectorAll("[data-places]")) {
  const form = box.closest("form");
  const text = form.elements.text;
  let timer, asked = "";
  const ask = async () => {
    if (text.value.trim().length < 4 || text.value === asked) return;
    asked = text.value;
    const fields = new URLSearchParams();
    for (const name of ["csrf", "text", "type", "division", "complained_about"]) {
      fields.set(name, form.elements[name]?.value ?? "");
    }
    const answer = await fetch(box.dataset.places, { method: "POST", body: fields }).catch(() => null);
    if (answer?.ok) box.querySelector("[data-found]").innerHTML = await answer.text();
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 600);
  });
}
