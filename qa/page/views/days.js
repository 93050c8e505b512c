// The days of the filters. A script of its own, which Gradio runs for its element.
element.addEventListener("change", (event) => {
  if (event.target.type !== "date") return;
  props.value = { ...props.value, [event.target.name]: event.target.value };
  trigger("input");
});
