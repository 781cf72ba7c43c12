// Times `make(source)` over saves that each change one sentence; prints processor time in ms, one a line.
import { readFileSync } from 'node:fs'

const WARM_UP = 10

export async function time(file, runs, make) {
  const source = readFileSync(file, 'utf8')
  let made
  for (let run = 0; run < Number(runs) + WARM_UP; run += 1) {
    const edited = source.replace('Cette lettre est la vôtre.', `Cette lettre est la vôtre (${run}).`)
    const start = process.cpuUsage()
    made = await make(edited)
    const { user, system } = process.cpuUsage(start)
    if (run >= WARM_UP) console.log((user + system) / 1000)
  }
  console.error(`${Buffer.byteLength(made.html)} bytes of HTML, ${Buffer.byteLength(made.text)} of text`)
}
