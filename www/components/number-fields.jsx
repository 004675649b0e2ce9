import { TextField } from './field.jsx';

/** @import { Signal } from '@preact/signals' */

/** @typedef {{ name: string, label: string, placeholder: string }} NumberField */

/**
 * Text fields for numbers. The placeholder is the default.
 * @param {{ fields: NumberField[], values: Record<string, Signal<string>>, errors: Record<string, string> }} props
 */
export function NumberFields({ fields, values, errors }) {
  return (
    <>
      {fields.map(({ name, label, placeholder }) => (
        <TextField
          key={name}
          label={label}
          placeholder={placeholder}
          numeric
          error={errors[name]}
          value={values[name]?.value ?? ''}
          onInput={(text) => {
            const value = values[name];
            if (value) value.value = text;
          }}
        />
      ))}
    </>
  );
}
