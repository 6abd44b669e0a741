"""What several pages share; with `pages/`, the only code that imports Streamlit."""
