"""model -> form -> model: forms made from the fields of the model. Type, range, unit and help are all read from it."""

from bench_ui.forms.choice import ChoiceForm
from bench_ui.forms.editors import NumberBox
from bench_ui.forms.form import Form
from bench_ui.forms.slider import LogSlider

__all__ = ["ChoiceForm", "Form", "LogSlider", "NumberBox"]
