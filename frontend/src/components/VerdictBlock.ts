import { graphql } from '../lib/graphql.ts';
import { RichTextFields } from './RichText.ts';

export const VerdictBlockFields = graphql(
  `
    fragment VerdictBlockFields on VerdictBlock {
      id
      statement
      tool {
        name
        path
      }
      reasoning {
        ...RichTextFields
      }
    }
  `,
  [RichTextFields],
);
