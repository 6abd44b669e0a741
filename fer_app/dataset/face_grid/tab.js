// One token for a browser tab, so that undo goes on after a reload: the one that was kept, else the one given.

function tabAuthor(given) {
  try {
    const kept = sessionStorage.getItem("fer-author") ?? given
    sessionStorage.setItem("fer-author", kept)
    return kept
  } catch {
    return given // storage is forbidden
  }
}
