"use strict";
// What a cell of the matrix holds, in words, for whoever points at it or comes to it by keyboard.
{
  const told = document.querySelector("[data-told]");
  const tell = (event) => {
    const cell = event.target.closest?.("[data-tell]");
    if (cell && told) told.textContent = cell.dataset.tell;
  };
  document.addEventListener("mouseover", tell);
  document.addEventListener("focusin", tell);
}
