import { type Connection, readModelDataSource } from '@provident/projection';

import { project } from '../reports/project.js';
import { newcomers } from '../reports/stock.js';

/** Projects a first cycle behind a place in the log, once it is told to; says how fast. */
const [url = '', people = '0', after = '0'] = process.argv.slice(2);
const dataSource = await readModelDataSource({ url, poolSize: 1, applicationName: 'bench projecting' }).initialize();
const connection = (await dataSource.createQueryRunner().connect()) as Connection;
const events = newcomers(`bench-newcomers-${after}`, Number(people), Number(after));
process.on('disconnect', () => process.exit(0));
process.on('message', () => void project(connection, events).then((projected) => process.send!(projected)));
process.send!('ready');
