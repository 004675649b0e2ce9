/**
 * A text field that filters a list.
 * @param {{ label: string, placeholder: string, value: string, onInput: (value: string) => void,
 *   className?: string }} props
 */
export function SearchField({ label, placeholder, value, onInput, className = '' }) {
  return (
    <input
      class={`input ${className}`}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onInput={({ currentTarget }) => onInput(currentTarget.value)}
    />
  );
}

/**
 * Whether a name contains the search text, in any case.
 * @param {string} name
 * @param {string} search
 */
export const matchesSearch = (name, search) => name.toLowerCase().includes(search.trim().toLowerCase());
