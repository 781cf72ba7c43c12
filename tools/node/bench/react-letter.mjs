// The letter as React Email's components; rich text is its own <Markdown>.
import { createElement as h } from 'react'
import {
  Body, Button, Column, Container, Head, Heading, Hr, Html, Img, Link, Markdown, Preview, Row, Section, Text,
} from '@react-email/components'
import { whenText } from './issue.mjs'

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

const cell = { ...words, padding: '4px 8px', textAlign: 'left' }
const figures = ({ caption, unit, series = [], rows }) => h('table', { key: caption, width: '100%' }, h('caption', { style: words }, caption),
  h('tbody', null, rows.map(({ label, values }) => h('tr', { key: label }, h('th', { scope: 'row', style: cell }, label),
    values.map((value, column) => h('td', { key: column, style: cell }, `${series[column] ?? ''} ${value} ${unit ?? ''}`))))))
const section = ({ title, image, figures: table, body }, key) => h(Section, { key },
  title && h(Heading, { as: 'h4' }, title), picture(image), table && figures(table), prose(body))

function block(one, publication) {
  const parts = [one.title && h(Heading, { key: 't', as: one.type === 'heading' ? 'h2' : 'h3', id: one.id }, one.title)]
  if (one.type === 'event') {
    parts.unshift(h(Row, { key: 'r' },
      h(Column, { style: { width: 84, textAlign: 'center' } }, h(Text, { style: words }, one.start.slice(0, 10))),
      h(Column, null, h(Text, { style: words }, whenText(one)), h(Text, { style: words }, one.place))))
  }
  if (one.type === 'key-figure') parts.push(h(Text, { key: 'f', style: { fontSize: 64 } }, one.value, ' ', one.unit), h(Text, { key: 'l' }, one.label))
  if (one.kind && one.type !== 'event') parts.unshift(h(Text, { key: 'k', style: small }, one.kind))
  const items = (one.items ?? []).map((item, index) => h(Section, { key: index },
    item.title && h(Heading, { as: 'h4' }, item.title), item.start && h(Text, { style: words }, whenText(item)),
    picture(item.image), prose(item.body), ...buttons(item.buttons ?? []), item.link && h(Link, { href: item.link.url }, item.link.label), h(Hr)))
  return h(Section, { key: one.id }, ...parts, picture(one.image), prose(one.intro ?? one.body),
    ...(one.sections ?? []).map(section), ...items,
    one.format && h(Text, { style: small }, one.format),
    ...(one.type === 'share' && publication ? publication.social.map(({ label, url }) => h(Link, { key: url, href: url }, label)) : []),
    one.author && h(Text, { style: small }, one.author, ' ', one.role), one.signature && h(Text, { style: words }, one.signature),
    ...buttons([...(one.buttons ?? []), one.link, one.button]))
}

const line = (text, key) => h(Text, { key, style: small }, text)
const go = (label, url) => h(Text, { key: url, style: words }, h(Link, { href: url }, label))

/** Name, number and date, what is in the letter, and its dates. */
function opening(issue, { name, letter: kind, tagline, colophon }) {
  const dates = issue.blocks.flatMap((one) => [one, ...(one.items ?? [])].filter((item) => item.start).map((item) => [item, item.id ?? one.id]))
  return [
    line(colophon.organisation, 'organisation'), h(Heading, { key: 'name', as: 'h1' }, name),
    h(Row, { key: 'number' }, h(Column, null, line(`${kind} n° ${issue.number}`)), h(Column, null, line(tagline)), h(Column, null, line(whenText({ start: issue.date })))),
    h(Row, { key: 'contents' },
      h(Column, null, h(Heading, { as: 'h2' }, 'Dans ce numéro'), issue.blocks.filter((one) => one.type === 'heading').map((one) => go(one.title, `#${one.id}`))),
      h(Column, null, h(Heading, { as: 'h2' }, 'Dates à retenir'), dates.map(([item, id], key) => h(Row, { key },
        h(Column, null, line(whenText({ start: item.start.slice(0, 10) }))), h(Column, null, go(item.title, `#${id}`)))))),
  ]
}

/** Who makes the letter, what the law wants said, and the ways in and out. */
function closing({ colophon, legal, subscribe_url: subscribe }) {
  const said = [
    ['Éditeur', `${legal.publisher}, ${legal.seat}, tél. ${legal.telephone}`], ['Hébergeur', legal.host],
    ['Objet', legal.purpose], ['Conservation', legal.retention], ['Vos droits', legal.rights], ['Protection des données', legal.dpo],
  ]
  return [
    line(colophon.organisation, 'who'), go(colophon.contact, `mailto:${colophon.contact}`), go('S’inscrire à cette lettre', subscribe),
    ...colophon.entries.map(({ role, name }) => line([`${role} : `, h('strong', { key: role }, name)], role)),
    line('Vous recevez cette lettre au titre d’une mission d’intérêt public (RGPD, article 6.1.e).', 'basis'),
    ...said.map(([what, text]) => line([h('strong', { key: what }, what), ` : ${text}`], what)),
    line('Cette lettre ne vous suit pas : ni pixel, ni lien réécrit.', 'tracks'),
    go('Mentions légales et données personnelles', legal.notice_url),
  ]
}

/** The letter that says `issue`; with `publication`, the settings as they are read, all that ours says of it as well. */
export function letter(issue, publication) {
  return h(Html, { lang: issue.lang ?? 'fr' }, h(Head, null, h('title', null, issue.subject)),
    h(Body, { style: { backgroundColor: '#f3efe7' } }, h(Preview, null, issue.preheader),
      h(Container, { style: { width: 600, backgroundColor: '#fff' } },
        publication ? opening(issue, publication) : h(Heading, { as: 'h1' }, 'Petites villes de demain'),
        issue.title && h(Heading, { as: 'h2' }, issue.title), ...issue.blocks.map((one) => block(one, publication)),
        h(Section, null, publication ? closing(publication) : h(Text, { style: small }, 'Agence nationale de la cohésion des territoires'),
          h(Link, { href: 'https://example.org/desinscription' }, 'Se désinscrire de cette lettre')))))
}
