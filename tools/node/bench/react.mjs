// The same letter by React Email: `node react.mjs ISSUE RUNS`.
import { render, toPlainText } from '@react-email/render'
import { readIssue } from './issue.mjs'
import { letter } from './react-letter.mjs'
import { time } from './timing.mjs'

const [file, runs] = process.argv.slice(2)

await time(file, runs, async (source) => {
  const html = await render(letter(readIssue(source)))
  return { html, text: toPlainText(html) }
})
