// Times npm mjml in this process: `node bench.mjs FILE RUNS`; prints milliseconds, one a line.
import { readFileSync } from 'node:fs'
import mjml2html from 'mjml'

const [file, runs] = process.argv.slice(2)
const source = readFileSync(file, 'utf8')
for (let run = 0; run < Number(runs) + 5; run += 1) {
  const start = performance.now()
  await mjml2html(source, { validationLevel: 'skip', fonts: {} })
  if (run >= 5) console.log(performance.now() - start)
}
