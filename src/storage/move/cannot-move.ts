/** Why an installation cannot be copied, in sentences for people; nothing was changed on either side. */
export class CannotMove extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CannotMove';
  }
}
