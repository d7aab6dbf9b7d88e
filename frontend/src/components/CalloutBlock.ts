import { graphql } from '../lib/graphql.ts';
import { RichTextFields } from './RichText.ts';

export const CalloutBlockFields = graphql(
  `
    fragment CalloutBlockFields on CalloutBlock {
      id
      tone
      heading
      content {
        ...RichTextFields
      }
    }
  `,
  [RichTextFields],
);
