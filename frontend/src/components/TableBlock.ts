import { graphql } from '../lib/graphql.ts';
import { RichTextFields } from './RichText.ts';

export const TableBlockFields = graphql(
  `
    fragment TableBlockFields on TableBlock {
      id
      caption
      rowHeader
      columns
      rows {
        cells {
          ...RichTextFields
        }
      }
    }
  `,
  [RichTextFields],
);
