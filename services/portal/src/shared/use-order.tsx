import { Toast, ToastBody, ToastTitle, useToastController } from '@fluentui/react-components';
import type { CommandAnswer } from '@provident/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { noteOrder } from '../api/often.js';
import { texts } from '../texts/en.js';
import { saidOf } from './states.js';

export const toaster = 'provident';

/** Gives an order, says how it went, and looks again at whatever it may have changed. */
export function useOrder(): { readonly give: (order: () => Promise<CommandAnswer>) => void; readonly isPending: boolean } {
  const queries = useQueryClient();
  const { dispatchToast } = useToastController(toaster);
  const { mutate, isPending } = useMutation({
    mutationFn: (order: () => Promise<CommandAnswer>) => order(),
    onSuccess: ({ message }) => say(texts.order.done, message, 'success'),
    onError: (error) => say(texts.order.failed, saidOf(error), 'error'),
    onSettled: () => {
      noteOrder();
      return queries.invalidateQueries();
    },
  });
  const say = (title: string, text: string, intent: 'success' | 'error'): void =>
    dispatchToast(
      <Toast>
        <ToastTitle>{title}</ToastTitle>
        <ToastBody>{text}</ToastBody>
      </Toast>,
      { intent, timeout: intent === 'error' ? 15_000 : 6_000 },
    );
  return { give: mutate, isPending };
}
