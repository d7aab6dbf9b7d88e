import { graphql } from '../lib/graphql.ts';
import { RichTextFields } from './RichText.ts';

export const QuestionsBlockFields = graphql(
  `
    fragment QuestionsBlockFields on QuestionsBlock {
      id
      heading
      questions {
        question
        answer {
          ...RichTextFields
        }
      }
    }
  `,
  [RichTextFields],
);
