// What makes pages quicker to use. Everything here has a link or a form behind it that works without scripts.
// All listeners are on the document, because htmx replaces parts of the page (the whole body when going back).
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- clicks ---------------------------------------------------------------------------------------------------------
  const CLICKS = {
    "[data-drawer]": (link, event) => {
      event.preventDefault();
      showDrawer(!one(".side").classList.contains("open"));
    },
    "[data-drawer-close]": (link, event) => {
      event.preventDefault();
      showDrawer(false);
    },
    "[data-open]": (button, event) => {
      const dialog = document.getElementById(button.dataset.open);
      if (!dialog) return;
      event.preventDefault();
      dialog.showModal();
    },
    "[data-close]": (button, event) => {
      const dialog = button.closest("dialog");
      if (!dialog) return;
      event.preventDefault();
      dialog.close();
    },
    "[data-dismiss]": (button) => button.closest(".note").remove(),
    "[data-copy]": (button) => copy(button),
    "[data-clear]": (link, event) => clearFilter(link, event),
    '[aria-disabled="true"]': (button, event) => event.preventDefault(),
  };
  document.addEventListener("click", (event) => {
    if (event.target.matches("dialog")) event.target.close();
    for (const [selector, act] of Object.entries(CLICKS)) {
      const found = event.target.closest(selector);
      if (found) act(found, event);
    }
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const drawer = one(".side.open");
    if (drawer && !event.target.closest(".side, [data-drawer]")) showDrawer(false);
  });

  function showDrawer(open) {
    one(".side").classList.toggle("open", open);
    const link = one("[data-drawer]");
    link.setAttribute("aria-expanded", String(open));
    if (open) one(".side a[href]").focus();
    else if (location.hash === "#navigation") history.replaceState(history.state, "", location.pathname + location.search);
  }

  async function copy(button) {
    const text = button.dataset.copy || location.href;
    try {
      await navigator.clipboard.writeText(text);
      toast(button.dataset.copied || "Link copied.", "ok");
    } catch {
      toast(`The browser did not allow copying. Copy it from here: ${text}`, "bad");
    }
  }

  function clearFilter(link, event) {
    const field = link.closest(".chipf").querySelector("select, input");
    if (!field) return;
    event.preventDefault();
    field.value = "";
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // --- toasts: a confirmation goes by itself, a failure stays until it is dismissed -----------------------------------------
  const TOAST_MS = 6000;
  function toast(text, tone) {
    const note = one("#toast-pattern").content.firstElementChild.cloneNode(true);
    note.classList.add(tone);
    one("[data-text]", note).textContent = text;
    one("use", note).setAttribute("href", one("use", note).getAttribute("href").replace(/#.*/, tone === "ok" ? "#circle-check" : "#circle-x"));
    one("#toasts").append(note);
    fade(note);
  }
  function fade(note) {
    if (note.dataset.fading || !note.matches(".ok, .info")) return;
    note.dataset.fading = "yes";
    const leave = () => (note.matches(":hover, :focus-within") ? setTimeout(leave, TOAST_MS) : note.remove());
    setTimeout(leave, TOAST_MS);
  }

  // --- keyboard -------------------------------------------------------------------------------------------------------
  let wentAt = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      focusSearch();
      return;
    }
    if (event.key === "Escape") escape(event);
    if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
    if (singleKeysAreOff()) return;
    const row = one("table.t tbody tr.at");
    const act = {
      "/": focusSearch,
      "?": () => one("#keys")?.showModal(),
      j: () => moveRow(row, 1),
      k: () => moveRow(row, -1),
      x: () => row && one('input[type="checkbox"]', row)?.click(),
      Enter: () => row && event.target.closest("a, button, summary") === null && one("th a, td a", row)?.click(),
      g: () => (wentAt = event.timeStamp),
    }[event.key];
    const place = event.timeStamp - wentAt < 1200 && one(`.nav a[data-key="${CSS.escape(event.key)}"]`);
    if (place) {
      wentAt = 0;
      place.click();
    } else if (act) {
      if (event.key !== "Enter") event.preventDefault();
      act();
    }
  });

  function singleKeysAreOff() {
    try {
      return localStorage.getItem("single-keys") === "off";
    } catch {
      return false;
    }
  }
  function focusSearch() {
    const field = one(".search input");
    field?.focus();
    field?.select();
  }
  function escape(event) {
    if (one(".side.open")) {
      showDrawer(false);
      one("[data-drawer]").focus();
    }
    const menu = event.target.closest("details.menu[open]");
    if (menu) {
      menu.open = false;
      one("summary", menu).focus();
    }
    if (event.target.matches(".search input")) event.target.blur();
    one("tr.at")?.classList.remove("at");
  }
  function moveRow(row, step) {
    const rows = all("table.t tbody tr").filter((each) => one("a", each));
    if (!rows.length) return;
    const next = row ? rows[Math.min(Math.max(rows.indexOf(row) + step, 0), rows.length - 1)] : rows[0];
    row?.classList.remove("at");
    next.classList.add("at");
    (one("th a, td a", next) ?? next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches("#single-keys")) return;
    try {
      localStorage.setItem("single-keys", event.target.checked ? "on" : "off");
    } catch {
      toast("The browser keeps no settings for this site, so this lasts only until the page is left.", "bad");
    }
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "keys" && one("#single-keys")) one("#single-keys").checked = !singleKeysAreOff();
  }, true);

  // --- tables: tick all, the bulk bar ------------------------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const card = event.target.closest("[data-bulk]");
    if (!card || event.target.type !== "checkbox") return;
    if (event.target.matches("[data-all]")) for (const box of all("tbody input[type=checkbox]", card)) box.checked = event.target.checked;
    const count = all("tbody input[type=checkbox]:checked", card).length;
    const bar = one(".bulk", card);
    if (!bar) return;
    bar.hidden = count === 0;
    one("[data-count]", bar).textContent = String(count);
  });

  // --- htmx -----------------------------------------------------------------------------------------------------------
  // Empty filters stay out of the address, so that a copied link says only what was chosen.
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    if (request.method !== "GET" || !request.body?.keys) return;
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name, value);
  });
  document.addEventListener("htmx:after:swap", () => {
    const dialog = one("dialog#dialog");
    if (dialog && !dialog.open && dialog.firstElementChild) {
      dialog.showModal();
      one("[autofocus]", dialog)?.focus();
    }
    const said = one("[data-announce]");
    if (said && one("#announce").textContent !== said.dataset.announce) one("#announce").textContent = said.dataset.announce;
    all("#toasts .note").forEach(fade);
    for (const log of all(".log")) log.scrollTop = log.scrollHeight;
  });
  document.addEventListener("htmx:error", () => {
    toast("The server did not answer. What you see is from before; try again.", "bad");
  });
  document.addEventListener("close", (event) => {
    if (event.target.id === "dialog") event.target.replaceChildren();
  }, true);
  document.addEventListener("DOMContentLoaded", () => {
    all("#toasts .note").forEach(fade);
    for (const log of all(".log")) log.scrollTop = log.scrollHeight;
    if (!navigator.platform.startsWith("Mac")) for (const hint of all("[data-mac]")) hint.textContent = "Ctrl K";
  });
})();
