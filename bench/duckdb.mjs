// DuckDB on a log customer_id,order_time,amount: the aggregates of every customer, and for the whole job three NTILEs.
// usage: node duckdb.mjs LOG THREADS features|job      LOG: .csv or .parquet. Prints one line of JSON.
//        node duckdb.mjs LOG.csv THREADS convert       writes the rows to LOG.parquet.
import { DuckDBInstance } from '@duckdb/node-api';

const [log, threads, stage] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(':memory:', { threads })).connect();
await connection.run('SET preserve_insertion_order = false');

const seconds = {};
async function timed(name, sql) {
    const began = performance.now();
    await connection.run(sql);
    seconds[name] = (performance.now() - began) / 1000;
}

// Types given, nothing sniffed.
const path = `'${log.replaceAll("'", "''")}'`;
const source = log.endsWith('.parquet') ? `read_parquet(${path})`
    : `read_csv(${path}, header = true, auto_detect = false, delim = ',', quote = '"',
                columns = {'customer_id': 'VARCHAR', 'order_time': 'TIMESTAMP', 'amount': 'DECIMAL(18,4)'})`;
if (stage === 'convert') {
    await connection.run(`COPY (FROM ${source}) TO ${path.replace(/[.]csv'$/, ".parquet'")} (FORMAT parquet)`);
    process.exit(0);
}
await timed('aggregate', `
    CREATE TABLE customers AS
    SELECT customer_id, max(order_time) AS last, min(order_time) AS first, count(*) AS n, sum(amount) AS total
    FROM ${source}
    GROUP BY customer_id`);
if (stage === 'job') {
    await timed('scores', `
        CREATE TABLE scored AS
        SELECT *, ntile(5) OVER (ORDER BY last) AS r_score, ntile(5) OVER (ORDER BY n) AS f_score,
               ntile(5) OVER (ORDER BY total) AS m_score
        FROM customers`);
}
const check = await connection.runAndReadAll(`
    SELECT count(*)::VARCHAR, sum(n)::VARCHAR, sum(total)::VARCHAR,
           sum(last::DATE - DATE '1970-01-01')::VARCHAR, sum(first::DATE - DATE '1970-01-01')::VARCHAR
    FROM customers`);
const [customers, rows, amount, last_days, first_days] = check.getRows()[0];
console.log(JSON.stringify({ seconds, totals: { customers, rows, amount, last_days, first_days } }));
