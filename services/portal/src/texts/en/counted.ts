import { formatNumber } from '../../shared/format.js';

export const counted = (count: number, one: string, several: string): string => `${formatNumber(count)} ${count === 1 ? one : several}`;
