// ClickHouse on a log customer_id,order_time,amount: the aggregates of every customer.
// usage: node clickhouse.mjs LOG THREADS features      Prints one line of JSON.
import { Session } from 'chdb';

const [log, threads] = process.argv.slice(2);
const session = new Session();
session.query(`CREATE TABLE customers (customer_id String, last DateTime, first DateTime, n UInt64,
                                       total Decimal(38, 4)) ENGINE = Memory`);
const began = performance.now();
session.query(`
    INSERT INTO customers
    SELECT customer_id, max(order_time), min(order_time), count(), sum(amount)
    FROM file('${log.replaceAll("'", "\\'")}', 'CSVWithNames',
              'customer_id String, order_time DateTime, amount Decimal64(4)')
    GROUP BY customer_id
    SETTINGS max_threads = ${threads}, date_time_input_format = 'basic', session_timezone = 'UTC',
             input_format_with_names_use_header = 0, input_format_csv_use_best_effort_in_schema_inference = 0`);
const seconds = { aggregate: (performance.now() - began) / 1000 };
const [customers, rows, amount, last_days, first_days] = session.query(`
    SELECT toString(count()), toString(sum(n)), toString(sum(total)), toString(sum(toInt64(toDate(last, 'UTC')))),
           toString(sum(toInt64(toDate(first, 'UTC'))))
    FROM customers`, 'TSV').trim().split('\t');
console.log(JSON.stringify({ seconds, totals: { customers, rows, amount, last_days, first_days } }));
session.cleanup();
