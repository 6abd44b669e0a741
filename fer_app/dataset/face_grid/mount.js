// What Streamlit calls at every change of the data. The mosaic comes as an element of its own: a change in the grid
// then does not send the pictures again.

const mounted = new WeakMap() // parent element -> grid

export default function (component) {
  const { data, parentElement } = component
  if (data.url) return keepMosaic(data)
  let grid = mounted.get(parentElement)
  if (!grid) mounted.set(parentElement, (grid = new FaceGrid(parentElement.querySelector(".face-grid"))))
  grid.update(component)
  return () => (grid.remove(), mounted.delete(parentElement))
}
