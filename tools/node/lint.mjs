// Reads MJML on standard input; prints, as JSON, what npm's mjml has to say of it in strict mode.
import { readFileSync } from 'node:fs'
import mjml2html from 'mjml'

let found = []
try {
  await mjml2html(readFileSync(0, 'utf8'), { validationLevel: 'strict', ignoreIncludes: true })
} catch (error) {
  if (!Array.isArray(error.errors)) throw error
  found = error.errors.map(({ line, tagName, message }) => ({ line, tagName, message }))
}
process.stdout.write(JSON.stringify(found))
