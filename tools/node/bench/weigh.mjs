// Writes the letter's HTML to standard output: `node weigh.mjs mjml LETTER.mjml`, `node weigh.mjs react ISSUE.yaml PUBLICATION.yaml`.
import { readFileSync } from 'node:fs'

const [peer, file, publication] = process.argv.slice(2)
const source = readFileSync(file, 'utf8')
if (peer === 'mjml') {
  const { default: mjml2html } = await import('mjml')
  process.stdout.write((await mjml2html(source, { validationLevel: 'skip', fonts: {} })).html)
} else {
  const [{ default: yaml }, { render }, { readIssue }, { letter }] = await Promise.all(
    [import('js-yaml'), import('@react-email/render'), import('./issue.mjs'), import('./react-letter.mjs')],
  )
  process.stdout.write(await render(letter(readIssue(source), yaml.load(readFileSync(publication, 'utf8')))))
}
