// The conformance suite speaks plain HTTP and has no token: this hands its requests on, whole, to a quiltd over TLS and with one.
// Usage: proxy.mjs PORT TARGET_PORT CA_FILE TOKEN
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [port, target, ca, token] = process.argv.slice(2);
const agent = new https.Agent({ ca: fs.readFileSync(ca), keepAlive: true });
http.createServer((request, response) => {
  const onward = https.request(
    { host: '127.0.0.1', port: target, servername: 'localhost', path: request.url, method: request.method, agent,
      headers: { ...request.headers, authorization: `Bearer ${token}` } },
    (answer) => { response.writeHead(answer.statusCode, answer.headers); answer.pipe(response); });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
