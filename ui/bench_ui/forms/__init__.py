"""model -> form -> model: forms made from the model, which has type, range, unit and help of each field."""

from bench_ui.forms.choice_form import ChoiceForm
from bench_ui.forms.entry_boxes import NumberBox
from bench_ui.forms.form import Form
from bench_ui.forms.slider import LogSlider

__all__ = ["ChoiceForm", "Form", "LogSlider", "NumberBox"]
