// A slider of the browser's own: keys and screen readers know it.
export default {
  template: `
    <input class="range" type="range" :aria-label="label" :min="min" :max="max" :step="step"
      :value.prop="modelValue" :disabled="disable"
      @input="$emit('update:modelValue', Number($event.target.value))"
      @change="$emit('change', Number($event.target.value))">`,
  props: {
    label: String,
    min: Number,
    max: Number,
    step: Number,
    modelValue: Number,
    disable: Boolean,
  },
  emits: ["update:modelValue", "change"],
};
