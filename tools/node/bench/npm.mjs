// What somebody would build with npm instead: `node npm.mjs ISSUE INLINE_CSS HEAD_CSS RUNS`.
import { readFileSync } from 'node:fs'
import { compile } from 'html-to-text'
import juice from 'juice'
import MarkdownIt from 'markdown-it'
import mjml2html from 'mjml'
import nunjucks from 'nunjucks'
import { readIssue, whenText } from './issue.mjs'
import { time } from './timing.mjs'

const [file, inlineCss, headCss, runs] = process.argv.slice(2)
const [extraCss, head] = [inlineCss, headCss].map((name) => readFileSync(name, 'utf8'))
const markdown = new MarkdownIt('commonmark')
const templates = new nunjucks.Environment(new nunjucks.FileSystemLoader(import.meta.dirname), { autoescape: true })
templates.addFilter('html', (source) => markdown.render(source))
templates.addFilter('when', whenText)
const toText = compile({ wordwrap: 72, selectors: [{ selector: 'img', format: 'skip' }] })

await time(file, runs, async (source) => {
  const mjml = templates.render('letter.njk', { issue: readIssue(source), head })
  const { html: responsive } = await mjml2html(mjml, { validationLevel: 'skip', fonts: {} })
  const html = juice(responsive, { extraCss, applyStyleTags: false, removeStyleTags: false })
  return { html, text: toText(html) }
})
