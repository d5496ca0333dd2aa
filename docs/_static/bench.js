// Copy buttons on code, and headings in the cells of tables for narrow screens.

// What a button copies: of a terminal session only the commands, of other code everything.
function copied(text, isConsole) {
  if (!isConsole) return text;
  const commands = text.split("\n").filter((line) => line.trimStart().startsWith("$ "));
  return commands.map((line) => line.trimStart().slice(2)).join("\n") + "\n";
}

function addCopyButtons() {
  for (const block of document.querySelectorAll(".highlight")) {
    const pre = block.querySelector("pre");
    if (pre === null || block.parentElement.classList.contains("highlight-text")) continue;
    const isConsole = block.parentElement.classList.contains("highlight-console");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.title = isConsole ? "Copy the commands" : "Copy";
    button.addEventListener("click", async () => {
      let text = "Copied";
      try {
        await navigator.clipboard.writeText(copied(pre.textContent, isConsole));
      } catch {
        // A page that was opened from a file may not write to the clipboard: select the code instead.
        getSelection().selectAllChildren(pre);
        text = "Press Ctrl+C";
      }
      button.textContent = text;
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    block.append(button);
  }
}

function addHeadings() {
  for (const table of document.querySelectorAll("table.docutils")) {
    const headings = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    // Beside one other column, a cell needs no heading.
    const hasHeadings = headings.length >= 3;
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, column) => {
        // A narrow screen shows no cell without text. A cell with a picture has no text either.
        cell.classList.toggle("blank", cell.textContent.trim() === "" && cell.querySelector("img, svg") === null);
        if (hasHeadings && headings[column]) cell.dataset.heading = headings[column];
      });
    }
  }
}

if (typeof document !== "undefined") {
  document.addEventListener("DOMContentLoaded", () => {
    addCopyButtons();
    addHeadings();
  });
}
if (typeof module !== "undefined") module.exports = { copied };
