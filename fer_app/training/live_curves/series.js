// From rows to curves: smoothing, positions on the axis, the best epoch, values in words.

const METRICS = {
  loss: { title: "Loss", unit: "", scale: 1, digits: 3, train: "loss", validation: "val_loss" },
  accuracy: { title: "Accuracy", unit: " %", scale: 100, digits: 1, train: "accuracy", validation: "val_accuracy" },
  macro_f1: { title: "Macro-F1", unit: " %", scale: 100, digits: 1, validation: "val_macro_f1" },
  learning_rate: { title: "Learning rate", unit: "", scale: 1, digits: 5, train: "learning_rate", isSetting: true },
}

const METRIC_NAMES = {
  val_accuracy: "validation accuracy",
  val_macro_f1: "validation macro-F1",
  val_loss: "validation loss",
}

// Running average without the pull of its beginning (Kingma & Ba 2015, section 3), as TensorBoard smooths.
function smoothed(values, weight) {
  if (!weight) return values
  let [sum, count] = [0, 0]
  return values.map((value) => {
    if (value === null) return null
    count += 1
    sum = weight * sum + (1 - weight) * value
    return sum / (1 - weight ** count)
  })
}

function scaled(rows, column, scale) {
  return rows.map((row) => (row[column] === null || row[column] === undefined ? null : scale * row[column]))
}

function isNoted(rows, column) {
  return rows.some((row) => row[column] !== null && row[column] !== undefined)
}

// Seconds of training at the end of each epoch; an interruption in between does not count.
function elapsed(rows) {
  let seconds = 0
  return rows.map((row) => (seconds += row.seconds ?? 0))
}

function timeUnit(seconds) {
  if (seconds >= 3 * 3600) return { name: "hours", seconds: 3600 }
  return seconds >= 180 ? { name: "minutes", seconds: 60 } : { name: "seconds", seconds: 1 }
}

// The row whose weights are kept, as the training chooses: the best by the run's metric, of equal ones the one with the
// lower loss, or with the loss as metric the higher accuracy.
function bestRow(rows, metric) {
  const sign = metric === "val_loss" ? -1 : 1
  const second = metric === "val_loss" ? "val_accuracy" : "val_loss"
  let best = null
  for (const row of rows) {
    if (row[metric] === null || row[metric] === undefined) continue
    const lead = best ? sign * (row[metric] - best[metric]) : 1
    const tied = best ? -sign * ((row[second] ?? 0) - (best[second] ?? 0)) : 0
    if (lead > 0 || (lead === 0 && tied > 0)) best = row
  }
  return best
}

function worded(value, { digits, unit }) {
  if (value === null || value === undefined) return "not known"
  return (Math.abs(value) < 0.001 && value !== 0 ? value.toExponential(1) : value.toFixed(digits)) + unit
}

function scoreInWords(row, metric) {
  return metric === "val_loss" ? row[metric].toFixed(3) : percent(row[metric], 1)
}

// One sentence for those who do not see the curves.
function summary(store) {
  const last = store.rows.at(-1)
  if (!last) return `${store.name}: no epoch has ended yet.`
  const values = ["loss", "accuracy", "macro_f1"]
    .map((name) => METRICS[name])
    .filter((metric) => isNoted([last], metric.validation))
    .map((metric) => `validation ${metric.title.toLowerCase()} ${worded(metric.scale * last[metric.validation], metric)}`)
  const best = bestRow(store.rows, store.metric)
  const score = best ? ` Best ${METRIC_NAMES[store.metric]}: ${scoreInWords(best, store.metric)} at epoch ${best.epoch}.` : ""
  return `${store.name}, epoch ${last.epoch}: ${values.join(", ") || "nothing was validated"}.${score}`
}
