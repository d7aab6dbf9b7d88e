import { graphql } from '../lib/graphql.ts';
import { RichTextFields } from './RichText.ts';

export const StepsBlockFields = graphql(
  `
    fragment StepsBlockFields on StepsBlock {
      id
      heading
      steps {
        title
        content {
          ...RichTextFields
        }
        tool {
          name
          path
        }
        href
      }
    }
  `,
  [RichTextFields],
);
