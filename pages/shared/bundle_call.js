// What Streamlit gets as a component: a call of its part in the bundle (component_source.py). PART and PATH are filled in.

const here = () => document.castmindParts?.[PART];
const brought = () => import(location.origin + PATH).then(here);

export default function mount(given) {
  return here() ? here()(given) : brought().then((part) => part(given));
}
