// The same letter as React Email's components: `node react.mjs ISSUE RUNS`. Rich text is its own <Markdown>.
import { createElement as h } from 'react'
import {
  Body, Button, Column, Container, Head, Heading, Hr, Html, Img, Link, Markdown, Preview, Row, Section, Text,
} from '@react-email/components'
import { render, toPlainText } from '@react-email/render'
import { readIssue, whenText } from './issue.mjs'
import { time } from './timing.mjs'

const [file, runs] = process.argv.slice(2)
const words = { fontSize: 16, lineHeight: '1.6', color: '#1f2a33' }
const small = { ...words, fontSize: 14, color: '#56616b' }

const picture = (image) => image && [
  h(Img, { key: 'i', src: `cid:${image.file}`, alt: image.alt ?? '', width: 536 }),
  h(Text, { key: 'c', style: small }, image.caption, ' ', image.credit),
]
const prose = (source) => source && h(Markdown, { markdownCustomStyles: { p: words } }, source)
const buttons = (links) => links.map((link) => link?.url && h(
  Button, { key: link.url, href: link.url, style: { backgroundColor: '#0f5e5c', color: '#fff', padding: '12px 24px' } }, link.label,
))

function block(one) {
  const parts = [one.title && h(Heading, { key: 't', as: one.type === 'heading' ? 'h2' : 'h3', id: one.id }, one.title)]
  if (one.type === 'event') {
    parts.unshift(h(Row, { key: 'r' },
      h(Column, { style: { width: 84, textAlign: 'center' } }, h(Text, { style: words }, one.start.slice(0, 10))),
      h(Column, null, h(Text, { style: words }, whenText(one)), h(Text, { style: words }, one.place))))
  }
  if (one.type === 'key-figure') parts.push(h(Text, { key: 'f', style: { fontSize: 64 } }, one.value, ' ', one.unit), h(Text, { key: 'l' }, one.label))
  const items = (one.items ?? []).map((item, index) => h(Section, { key: index },
    item.title && h(Heading, { as: 'h4' }, item.title), item.start && h(Text, { style: words }, whenText(item)),
    prose(item.body), item.link && h(Link, { href: item.link.url }, item.link.label), h(Hr)))
  return h(Section, { key: one.id }, ...parts, picture(one.image), prose(one.intro ?? one.body), ...items,
    one.author && h(Text, { style: small }, one.author, ' ', one.role), one.signature && h(Text, { style: words }, one.signature),
    ...buttons([...(one.buttons ?? []), one.link, one.button]))
}

function letter(issue) {
  return h(Html, { lang: issue.lang ?? 'fr' }, h(Head, null, h('title', null, issue.subject)),
    h(Body, { style: { backgroundColor: '#f3efe7' } }, h(Preview, null, issue.preheader),
      h(Container, { style: { width: 600, backgroundColor: '#fff' } }, h(Heading, { as: 'h1' }, 'Petites villes de demain'),
        issue.title && h(Heading, { as: 'h2' }, issue.title), ...issue.blocks.map(block),
        h(Section, null, h(Text, { style: small }, 'Agence nationale de la cohésion des territoires'),
          h(Link, { href: 'https://example.org/desinscription' }, 'Se désinscrire de cette lettre')))))
}

await time(file, runs, async (source) => {
  const html = await render(letter(readIssue(source)))
  return { html, text: toPlainText(html) }
})
