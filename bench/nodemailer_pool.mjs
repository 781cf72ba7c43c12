// Sends a letter through nodemailer's pool: what standard input says, as JSON. Prints the seconds that it took.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const nodemailer = createRequire(new URL("../tools/node/bench/", import.meta.url))("nodemailer");
const job = JSON.parse(readFileSync(0, "utf8"));
const escaped = (link) => link.replaceAll("&", "&amp;");
const transport = nodemailer.createTransport({
  host: "127.0.0.1",
  port: job.port,
  secure: false,
  ignoreTLS: true,
  pool: true,
  maxConnections: job.connections,
  maxMessages: 100,
});
const began = process.hrtime.bigint();
await Promise.all(
  job.people.map(({ address, name, link, ref }) =>
    transport.sendMail({
      from: { name: job.sender_name, address: job.sender_address },
      to: { name, address },
      replyTo: job.reply_to,
      subject: job.subject,
      messageId: `<${ref}@${job.list_id}>`,
      list: { id: { url: job.list_id, comment: job.list_name } },
      headers: {
        "Feedback-ID": job.feedback_id,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Unsubscribe": `<${link}>, <${job.mailto}>`,
        "Content-Language": job.lang,
      },
      text: job.text.replaceAll(job.in_text, link),
      html: job.html.replaceAll(job.in_html, escaped(link)),
      textEncoding: "quoted-printable",
    }),
  ),
);
console.log(Number(process.hrtime.bigint() - began) / 1e9);
transport.close();
