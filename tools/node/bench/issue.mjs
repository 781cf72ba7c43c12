// issue.yaml, read by js-yaml and held to the shape of our blocks by zod.
import yaml from 'js-yaml'
import { z } from 'zod'

const text = z.string().min(1).max(300)
const prose = z.string().min(1).max(20000)
const url = z.string().regex(/^(https?:\/\/|mailto:|tel:)/)
const moment = z.string().regex(/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2})?$/)
const button = z.strictObject({ label: text, url })
const buttons = z.array(button).max(3).optional()
const image = z.strictObject({
  file: z.string(), alt: text.optional(), decorative: z.boolean().optional(),
  credit: text.optional(), caption: text.optional(), dark_file: z.string().optional(),
})
const when = { start: moment.optional(), end: moment.optional(), zone: text.optional() }
const block = (type, shape) => z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), type: z.literal(type), note: z.string().optional(),
  waive: z.array(z.strictObject({ rule: text, reason: text })).optional(), ...shape,
})
const brief = z.strictObject({
  title: text.optional(), body: prose, image: image.optional(), ...when, link: button.optional(), buttons,
})
const figures = z.strictObject({
  caption: text, unit: text.optional(), series: z.array(text).max(3).optional(),
  rows: z.array(z.strictObject({ label: text, values: z.array(z.number()).min(1).max(3) })).min(1).max(12),
})
const section = z.strictObject({ title: text.optional(), image: image.optional(), figures: figures.optional(), body: prose.optional() })

export const issueShape = z.strictObject({
  publication: text, number: z.number().int().min(1).max(9999), date: moment, lang: z.enum(['fr', 'en']).optional(),
  subject: text, preheader: text, title: text.optional(), note: z.string().optional(),
  waive: z.array(z.strictObject({ rule: text, reason: text })).optional(),
  blocks: z.array(z.discriminatedUnion('type', [
    block('heading', { title: text, intro: prose.optional() }),
    block('editorial', { title: text.optional(), body: prose, signature: text.optional() }),
    block('article', {
      kind: text.optional(), title: text, body: prose, image: image.optional(), image_position: z.enum(['top', 'left', 'right']).optional(),
      sections: z.array(section).max(8).optional(), buttons,
    }),
    block('key-figure', {
      title: text.optional(), value: text, unit: text.optional(), label: text, body: prose.optional(),
      source: text.optional(), image: image.optional(), buttons,
    }),
    block('event', {
      kind: z.enum(['webinar', 'meeting']), title: text.optional(), ...when, start: moment, place: text.optional(),
      link: button.optional(), body: prose.optional(), image: image.optional(),
    }),
    block('briefs', { title: text.optional(), intro: prose.optional(), items: z.array(brief).min(1).max(30) }),
    block('resource', {
      kind: text.optional(), title: text, body: prose, link: button.optional(), url: url.optional(), format: text.optional(), image: image.optional(),
    }),
    block('quote', { body: prose, author: text, role: text.optional() }),
    block('image', { image, link: url.optional() }),
    block('video', {
      title: text, link: button, image: image.optional(), duration: text.optional(), body: prose.optional(), transcript: url.optional(),
    }),
    block('call-to-action', { title: text, body: prose.optional(), button }),
    block('share', { title: text, body: prose.optional(), by_email: z.boolean().optional(), follow: z.boolean().optional() }),
  ])).min(1).max(100),
})

const day = new Intl.DateTimeFormat('fr', { dateStyle: 'full', timeZone: 'UTC' })

/** When something takes place, in words. */
export function whenText({ start, end }) {
  if (!start) return ''
  const hour = (value) => value?.slice(11).replace(':', ' h ')
  return day.format(new Date(start.slice(0, 10))) + (hour(start) ? `, ${hour(start)}` : '') + (hour(end) ? ` – ${hour(end)}` : '')
}

/** The issue that `source` says; throws where it is none. Dates stay the texts that they are. */
export function readIssue(source) {
  return issueShape.parse(yaml.load(source, { schema: yaml.CORE_SCHEMA }))
}
