// Notes in PostgreSQL: GET /notes has them all, POST /notes adds one.
// Where the database is and who asks it is in the environment: PGHOST, PGDATABASE, PGUSER, PGPASSWORD.
const http = require('http');
const { Pool } = require('pg');

const database = new Pool();
// A connection that waits for work is lost when the database is restarted; the next query gets a new one.
database.on('error', error => console.error(error.message));

async function answer(request) {
  if (request.url !== '/notes') return [404, { error: 'there is /notes alone' }];
  if (request.method !== 'POST') return [200, (await database.query('SELECT id, text FROM notes ORDER BY id')).rows];
  let text = '';
  for await (const piece of request) text += piece;
  return [201, (await database.query('INSERT INTO notes (text) VALUES ($1) RETURNING id, text', [text])).rows[0]];
}

async function main() {
  await database.query('CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL)');
  http.createServer(async (request, response) => {
    const [status, body] = await answer(request).catch(error => [500, { error: error.message }]);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body) + '\n');
  }).listen(3000, () => console.log('listening on 3000'));
}

process.on('SIGTERM', () => process.exit(0));
main();
