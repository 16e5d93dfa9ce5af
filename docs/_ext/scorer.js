// How the search box ranks pages. A guide comes before the methods of single classes: somebody who
// searches for "save" wants to know how, and not the forty methods of that name. Entries of the
// index, such as the terms of the glossary, are below titles.
var Scorer = {
  score: ([page, title, anchor, description, score, file, kind]) => {
    if (kind === "index") return Math.min(score, 12);
    if (kind === "object") return score - 4;
    const guides = ["how-to/", "tutorials/", "course/"];
    return guides.some((folder) => page.startsWith(folder)) ? score + 3 : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
