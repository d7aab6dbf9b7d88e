import { graphql } from '../lib/graphql.ts';
import { RichTextFields } from './RichText.ts';

export const RichTextBlockFields = graphql(
  `
    fragment RichTextBlockFields on RichTextBlock {
      content {
        ...RichTextFields
      }
    }
  `,
  [RichTextFields],
);
